"use client";

import { ArrowLeftIcon } from "lucide-react";
import Link from "next/link";
import { AppHeader } from "../components/app-header.tsx";
import { UsageSection } from "../usage/usage-section.tsx";
import { GitAccountsSection } from "./git-accounts-section.tsx";
import { ProfileSection } from "./profile-section.tsx";
import { SecuritySection } from "./security-section.tsx";
import { SignInsSection } from "./sign-ins-section.tsx";
import { TokensSection } from "./tokens-section.tsx";

export function SettingsPage() {
  return (
    <>
      <AppHeader />
      <main className="mx-auto flex max-w-3xl flex-col gap-5 px-4 py-6">
        <div className="flex items-center gap-2">
          <Link
            href="/"
            aria-label="Back to your sessions"
            className="rounded-md p-1 text-muted-foreground hover:bg-hover hover:text-foreground"
          >
            <ArrowLeftIcon className="size-4" />
          </Link>
          <h1 className="font-semibold text-lg tracking-tight">Settings</h1>
        </div>
        <ProfileSection />
        <UsageSection />
        <GitAccountsSection />
        <SecuritySection />
        <TokensSection />
        <SignInsSection />
      </main>
    </>
  );
}
