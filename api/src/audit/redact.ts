const maxStringLength = 16_000;
const maxItems = 200;
const maxDepth = 8;
const maxDetailsBytes = 64 * 1024;

const secretKey =
  /(^|-)(password|passwd|passphrase|secret|token|authorization|cookie|api-?key|private-?key|credentials?)$/;
/** Keys of the model's endpoint, our own tokens, GitHub's and GitLab's. */
const secretText =
  /\b(sk-ant-[\w-]{8,}|rcl_[\w-]{8,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})/g;
const urlCredentials = /\b(https?:\/\/)[^\s/@]+@/gi;

const dashed = (key: string) =>
  key
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();

/** Room for the words that say how much was cut off. */
const cutNote = 40;

/**
 * What Postgres takes as text, without secrets that are recognisable as such, and no longer than that. What is clean
 * stays as it is.
 */
export function cleanText(text: string, maxLength = maxStringLength): string {
  const clean = text
    .toWellFormed()
    .replaceAll("\0", "\ufffd")
    .replace(secretText, "[redacted]")
    .replace(urlCredentials, "$1[redacted]@");
  if (clean.length <= maxLength) return clean;
  const kept = Math.max(0, maxLength - cutNote);
  return `${clean.slice(0, kept).toWellFormed()}… (${clean.length - kept} more characters)`;
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (depth >= maxDepth) return "[too deep]";
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => clean(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, maxItems)
      .map(([key, item]) => [
        cleanText(key),
        secretKey.test(dashed(key)) ? "[redacted]" : clean(item, depth + 1),
      ]),
  );
}

/** An audit row's details as JSON: secrets blacked out, at most 64 KiB. Of what came out of it, it makes the same. */
export function detailsJson(details: Record<string, unknown>): string {
  const json = JSON.stringify(clean(details, 0));
  const bytes = Buffer.byteLength(json);
  return bytes <= maxDetailsBytes ? json : JSON.stringify({ truncated: true, bytes });
}
