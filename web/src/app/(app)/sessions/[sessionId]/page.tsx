import { AppError, getConfig, getSession, Id } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { preload } from "react-dom";
import { monacoModules, monacoStyles } from "../../../../monaco/files.ts";
import { askSignedIn } from "../../../../server/api.ts";
import { earlyFiles } from "../../../../server/early-files.ts";
import { codeFont } from "../../../../workbench/terminal/font.ts";
import { Workbench } from "../../../../workbench/workbench.tsx";

interface Props {
  params: Promise<{ sessionId: string }>;
}

async function load({ params }: Props) {
  const { sessionId } = await params;
  if (!Id.safeParse(sessionId).success) notFound();
  try {
    return (await askSignedIn(getSession, sessionId)).session;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: (await load(props)).name };
}

/** What the workbench asks for when its first scripts run. */
function preloadEarlyFiles(nonce: string | undefined): void {
  preload(codeFont, { as: "font", type: "font/woff2", crossOrigin: "anonymous" });
  for (const url of earlyFiles()) {
    const as = url.endsWith(".css") ? "style" : "script";
    // After the first scripts, which are of low priority too and stand before these.
    preload(url, { as, fetchPriority: "low", ...(nonce === undefined ? {} : { nonce }) });
  }
}

export default async function Page(props: Props) {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  preloadEarlyFiles(nonce);
  const [session, settings] = await Promise.all([load(props), askSignedIn(getConfig)]);
  return (
    <>
      <link rel="stylesheet" href={monacoStyles} precedence="monaco" />
      {/* By far the largest thing: named at once, but behind all that brings the page to life meanwhile. */}
      {monacoModules.map((url) => (
        <link key={url} rel="modulepreload" href={url} fetchPriority="low" nonce={nonce} />
      ))}
      <Workbench key={session.id} initialSession={session} settings={settings} />
    </>
  );
}
