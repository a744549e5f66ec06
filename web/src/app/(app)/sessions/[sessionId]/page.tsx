import { AppError, getConfig, getSession, Id } from "@remote-claude/protocol";
import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { preload, preloadModule } from "react-dom";
import { monacoModules, monacoStyles } from "../../../../monaco/files.ts";
import { askSignedIn } from "../../../../server/api.ts";
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

/** Monaco is by far the largest thing on the page: the browser fetches and compiles it from the first moment. */
async function preloadMonaco(): Promise<void> {
  const nonce = (await headers()).get("x-nonce");
  preload(codeFont, { as: "font", type: "font/woff2", crossOrigin: "anonymous" });
  for (const url of monacoModules) {
    preloadModule(url, { as: "script", ...(nonce === null ? {} : { nonce }) });
  }
}

export default async function Page(props: Props) {
  await preloadMonaco();
  const [session, settings] = await Promise.all([load(props), askSignedIn(getConfig)]);
  return (
    <>
      <link rel="stylesheet" href={monacoStyles} precedence="monaco" />
      <Workbench key={session.id} initialSession={session} settings={settings} />
    </>
  );
}
