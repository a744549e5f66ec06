import type { PublicConfig } from "@remote-claude/protocol";
import { Notice } from "../components/notice.tsx";

const Code = ({ children }: { children: string }) => (
  <code className="rounded-sm bg-foreground/8 px-1 py-px font-mono text-xs">{children}</code>
);

/** What whoever runs this installation should put right, said to everyone whom it concerns. */
export function SettingsNotices({ settings }: { settings: PublicConfig }) {
  return (
    <div className="flex flex-col gap-2 empty:hidden">
      {settings.isolation === "none" && (
        <Notice tone="warning" title="Sessions are not isolated on this machine">
          Programs in a session, Claude included, can read whatever the account that runs Remote Claude can
          read. To wall sessions off, install bubblewrap (on Debian and Ubuntu{" "}
          <Code>apt install bubblewrap</Code>) and start Remote Claude again.
        </Notice>
      )}
      {!settings.modelKeyConfigured && (
        <Notice tone="warning" title="Claude has no key yet">
          Editor and terminals work; Claude cannot answer. Set <Code>ANTHROPIC_API_KEY</Code> (or{" "}
          <Code>ANTHROPIC_AUTH_TOKEN</Code> or <Code>CLAUDE_CODE_OAUTH_TOKEN</Code>) in the environment and
          start Remote Claude again.
        </Notice>
      )}
    </div>
  );
}
