import { request } from "undici";
import { lineOf } from "../seals/index.ts";
import { signatureHeaders } from "./sign.ts";
import { NotTaken, patienceMs, type Sink } from "./sink.ts";

/** Rows as lines of JSON in a signed POST, one request after the other; any 2xx says that they were taken. */
export function webhookSink({ url, secret }: { readonly url: string; readonly secret: string }): Sink {
  return {
    name: "webhook",
    target: withoutSecrets(url),
    async take(rows, signal) {
      const body = rows.map((row) => `${lineOf(row)}\n`).join("");
      const answer = await request(url, {
        method: "POST",
        headers: {
          "content-type": "application/x-ndjson",
          "user-agent": "remote-claude",
          ...signatureHeaders(secret, body, new Date()),
        },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
      });
      // What it says is of no use, and may have no end.
      await answer.body.dump({ limit: 65_536 }).catch(() => {});
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        throw new NotTaken(`it answered with status ${answer.statusCode}`);
      }
    },
  };
}

/** Where it is; the rest of an address may be a password, the path too. */
function withoutSecrets(url: string): string {
  return new URL(url).origin;
}
