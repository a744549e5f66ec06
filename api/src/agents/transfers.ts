import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError, ErrorBody, type Reply, TransferDone } from "@remote-claude/protocol";
import { z } from "zod";
import type { TransferRead } from "./types.ts";

type Address = { socketPath: string } | { host: string; port: number };

/** The agent has a file open: bytes must flow, or the transfer is given up. */
const silenceMs = 60_000;
const maxAnswerBytes = 64 * 1024;

const lost = (cause: unknown) =>
  new AppError("agent_unreachable", "The transfer with the session broke off.", { cause });

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw new AppError("agent_unreachable", "The session's answer is too long.");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** Throws what the agent refused with. */
async function refusal(response: IncomingMessage): Promise<never> {
  const answer = z.object({ error: ErrorBody }).safeParse(await readAnswer(response).catch(() => null));
  throw answer.success ? AppError.from(answer.data.error) : lost(`status ${response.statusCode}`);
}

function open(address: Address, options: RequestOptions) {
  const request = httpRequest({ ...address, ...options, agent: false });
  request.setTimeout(silenceMs, () => request.destroy(new Error("silent for too long")));
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", (error) => reject(lost(error)));
  });
  // Whoever awaits sees the failure; it must not count as unhandled while the body is still being sent.
  response.catch(() => {});
  return { request, response };
}

export async function readTransfer(
  address: Address,
  prepared: Reply<"file.open-transfer">,
): Promise<TransferRead> {
  const { request, response } = open(address, { method: "GET", path: `/transfers/${prepared.ticket}` });
  request.end();
  const body = await response;
  if (body.statusCode !== 200) await refusal(body);
  const size = prepared.size ?? null;
  // Clients are told this length. Bytes beyond it would be taken for the answer to somebody else's next request on
  // the gateway's connection; what the agent's own answer announces, the parser holds it to.
  if (size !== null && body.headers["content-length"] !== String(size)) {
    request.destroy();
    throw lost("another length than announced");
  }
  return {
    body,
    size,
    etag: prepared.etag ?? null,
    modifiedAt: prepared.modifiedAt ?? null,
    discard: () => request.destroy(),
  };
}

/** Passes on at most `maxBytes`, then fails with `too_large`. */
function limit(maxBytes: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size <= maxBytes) done(null, chunk);
      else done(new AppError("too_large", `At most ${Math.floor(maxBytes / 1024 / 1024)} MiB are accepted.`));
    },
  });
}

export async function writeTransfer(
  address: Address,
  ticket: string,
  maxBytes: number,
  body: Readable,
): Promise<TransferDone> {
  const { request, response } = open(address, { method: "PUT", path: `/transfers/${ticket}` });
  const sent = pipeline(body, limit(maxBytes), request);
  // The agent may refuse before it has read everything: its answer says why, the broken pipe does not.
  const answered = await Promise.race([response, sent.then(() => response)]).catch(async (error: unknown) => {
    if (error instanceof AppError && error.code === "too_large") throw error;
    return Promise.race([
      response,
      new Promise<never>((_, reject) => setTimeout(() => reject(lost(error)), 1000)),
    ]);
  });
  if (answered.statusCode !== 200) {
    request.destroy();
    sent.catch(() => {});
    return refusal(answered);
  }
  await sent;
  return TransferDone.parse(await readAnswer(answered));
}
