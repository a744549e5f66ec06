import "./globals.css";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { preload } from "react-dom";
import { EarlySocketScript } from "../components/early-socket-script.tsx";
import { Providers } from "../components/providers.tsx";
import { pageIcon } from "../lib/page-icon.ts";
import { textFont } from "../lib/text-font.ts";

export const metadata: Metadata = {
  title: { default: "Remote Claude", template: "%s · Remote Claude" },
  description: "Claude Code from a browser, on your organisation's own server.",
  robots: { index: false },
  icons: { icon: { url: pageIcon(0), type: "image/svg+xml" } },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  interactiveWidget: "resizes-content",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#efece2" },
    { media: "(prefers-color-scheme: dark)", color: "#191817" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const asked = await headers();
  const nonce = asked.get("x-nonce") ?? undefined;
  preload(textFont, { as: "font", type: "font/woff2", crossOrigin: "anonymous" });
  return (
    <html lang="en" suppressHydrationWarning>
      <head>{asked.get("x-path")?.startsWith("/sessions/") && <EarlySocketScript nonce={nonce} />}</head>
      <body>
        <Providers {...(nonce === undefined ? {} : { nonce })}>{children}</Providers>
      </body>
    </html>
  );
}
