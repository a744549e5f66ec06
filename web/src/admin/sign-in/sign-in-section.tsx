"use client";

import type { SignInSettings } from "@remote-claude/protocol";
import { Notice } from "../../components/notice.tsx";
import { Section } from "../../settings/section.tsx";
import { Facts } from "./facts.tsx";
import { ProviderSection } from "./provider-section.tsx";

function rolesInWords({ roleMapping }: SignInSettings): string {
  if (roleMapping === null) return "Given here, under People";
  const parts = Object.entries(roleMapping)
    .filter(([, groups]) => groups.length > 0)
    .map(([role, groups]) => `${role}: ${groups.join(", ")}`);
  return `By the provider's groups, at each sign-in. ${parts.join("; ")}`;
}

/** How people come in. It is set where Remote Claude is started; here it is shown, and tried. */
export function SignInSection({ settings }: { settings: SignInSettings }) {
  const { password, signUp, maxHours, allowedDomains, providers, warnings } = settings;
  return (
    <>
      {warnings.map((warning) => (
        <Notice key={warning} tone="warning" title={warning} />
      ))}
      <Section
        title="Sign-in"
        description="Set in the environment of the installation (docs/sign-in.md), shown here."
      >
        <Facts
          facts={[
            { name: "Passwords of this installation", value: password ? "on" : "off" },
            {
              name: "New people",
              value: signUp
                ? "get an account at their first sign-in by a provider"
                : "come in by invitation alone",
            },
            {
              name: "E-mail domains",
              value: allowedDomains.length === 0 ? "all" : allowedDomains.join(", "),
            },
            { name: "Roles", value: rolesInWords(settings) },
            { name: "A sign-in lasts at most", value: `${maxHours} hours` },
          ]}
        />
      </Section>
      {providers.map((provider) => (
        <ProviderSection key={provider.id} provider={provider} />
      ))}
      {providers.length === 0 && (
        <p className="text-center text-muted-foreground">
          No provider is set: people sign in with passwords of this installation.
        </p>
      )}
    </>
  );
}
