import { AppError } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { MetadataError, readSamlMetadata, type SamlConfig, type SamlIdp } from "../sign-in-config/index.ts";

const patienceMs = 10_000;
/** One provider's is some kilobytes, a small federation's a megabyte. */
const maxBytes = 4 * 1024 * 1024;
/** A new certificate is announced days before it is used. */
const freshMs = 60 * 60_000;
const retryMs = 60_000;
/** How long what was read goes on to count while the address does not answer, if it does not say itself. */
const keepMs = 7 * 24 * 60 * 60_000;

interface Kept {
  readonly idp: SamlIdp;
  readonly readAt: number;
  readonly triedAt: number;
}

const keepers = perContext(() => ({ kept: null as Kept | null, reading: null as Promise<SamlIdp> | null }));

/** The identity provider, as the settings or its metadata describe it. Throws AppError where that is not to be had. */
export async function getSamlIdp(context: Context, config: SamlConfig): Promise<SamlIdp> {
  if (config.idp.kind === "known") return config.idp.idp;
  const { kept } = keepers(context);
  const now = context.clock.now().getTime();
  if (kept !== null && (now - kept.readAt < freshMs || now - kept.triedAt < retryMs) && counts(kept, now)) {
    return kept.idp;
  }
  try {
    return await readSamlIdp(context, config);
  } catch (error) {
    context.log.warn({ err: error }, "the metadata of the SAML identity provider is not to be had");
    if (kept === null || !counts(kept, now)) {
      throw new AppError(
        "unavailable",
        "Your organisation's sign-in cannot be reached. Try again in a moment.",
        {
          cause: error,
        },
      );
    }
    keepers(context).kept = { ...kept, triedAt: now };
    return kept.idp;
  }
}

const counts = ({ idp, readAt }: Kept, now: number) => now < (idp.validUntil?.getTime() ?? readAt + keepMs);

/** What is known without asking; null: nothing yet. */
export function findKnownSamlIdp(context: Context, { idp }: SamlConfig): SamlIdp | null {
  return idp.kind === "known" ? idp.idp : (keepers(context).kept?.idp ?? null);
}

/** Reads the metadata anew, once for all who ask meanwhile. */
export async function readSamlIdp(context: Context, { idp }: SamlConfig): Promise<SamlIdp> {
  if (idp.kind === "known") return idp.idp;
  const keeper = keepers(context);
  keeper.reading ??= download(idp.url)
    .then((xml) => {
      const now = context.clock.now();
      const read = readSamlMetadata(xml, idp.entityId, now);
      keeper.kept = { idp: read, readAt: now.getTime(), triedAt: now.getTime() };
      return read;
    })
    .finally(() => {
      keeper.reading = null;
    });
  return keeper.reading;
}

async function download(url: string): Promise<string> {
  const answer = await fetch(url, {
    // Wherever it led, nobody has said that it is the provider's.
    redirect: "manual",
    headers: { accept: "application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.1" },
    signal: AbortSignal.timeout(patienceMs),
  });
  if (answer.status >= 300 && answer.status < 400) {
    await answer.body?.cancel();
    throw new MetadataError(`The address leads to ${answer.headers.get("location")}: set that one.`);
  }
  if (answer.status !== 200) {
    await answer.body?.cancel();
    throw new MetadataError(`The address answers with status ${answer.status}.`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new MetadataError("It is longer than 4 MiB.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
