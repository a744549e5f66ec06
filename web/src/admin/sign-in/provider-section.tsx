import { type ProviderCheck, type SignInProviderSettings, testSignInProvider } from "@remote-claude/protocol";
import { CircleCheckIcon, CircleXIcon, LoaderCircleIcon, PlugZapIcon } from "lucide-react";
import { useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { Section } from "../../settings/section.tsx";
import { Facts } from "./facts.tsx";

const kinds: Record<SignInProviderSettings["kind"], string> = {
  oidc: "OpenID Connect",
  github: "GitHub",
  saml: "SAML 2.0",
  ldap: "LDAP",
};

function CheckRow({ check }: { check: ProviderCheck }) {
  const Icon = check.ok ? CircleCheckIcon : CircleXIcon;
  return (
    <li className="flex gap-2">
      <Icon
        className={`mt-0.5 size-4 shrink-0 ${check.ok ? "text-success" : "text-destructive"}`}
        aria-label={check.ok ? "Good" : "Wrong"}
      />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <span className="font-medium">{check.what}:</span> {check.says}
      </span>
    </li>
  );
}

/** One provider as it is set, and the button that tries whether it answers as it should. */
export function ProviderSection({ provider }: { provider: SignInProviderSettings }) {
  const [busy, setBusy] = useState(false);
  const [checks, setChecks] = useState<readonly ProviderCheck[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  async function test() {
    setBusy(true);
    setFailure(null);
    try {
      setChecks((await call(testSignInProvider, { params: { providerId: provider.id } })).checks);
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Section
      title={provider.name}
      description={kinds[provider.kind]}
      action={
        <Button onClick={() => void test()} disabled={busy}>
          {busy ? <LoaderCircleIcon className="animate-spin" /> : <PlugZapIcon />}
          Test connection
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Facts facts={provider.facts} />
        {failure !== null && <Notice tone="destructive" title={failure} />}
        {checks !== null && (
          <ul role="status" className="flex flex-col gap-1.5 border-t pt-3">
            {checks.map((check) => (
              <CheckRow key={check.what} check={check} />
            ))}
          </ul>
        )}
      </div>
    </Section>
  );
}
