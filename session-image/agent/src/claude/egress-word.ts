import { request } from "node:http";

const answerTimeoutMs = 5_000;
const maxAnswer = 2000;

/**
 * What egress says of a host that could not be reached: its sentence when the network's policy refuses it; null
 * when it lets it through, or does not say. Claude Code itself reports little more than that there was no answer.
 */
export function askEgress(url: URL, proxy: string): Promise<string | null> {
  const { hostname, port } = new URL(proxy);
  const secure = url.protocol === "https:";
  const authority = `${url.hostname}:${url.port || (secure ? 443 : 80)}`;
  return new Promise((resolve) => {
    const asked = request({
      host: hostname,
      port,
      timeout: answerTimeoutMs,
      ...(secure
        ? { method: "CONNECT", path: authority }
        : { method: "OPTIONS", path: `${url.origin}/`, headers: { host: url.host } }),
    });
    const give = (sentence: string | null) => {
      resolve(sentence);
      asked.destroy();
    };
    asked.once("timeout", () => give(null));
    asked.once("error", () => give(null));
    asked.once("connect", ({ statusCode }, socket, head) => {
      if (statusCode !== 403) return give(null);
      read(socket, head).then(give, () => give(null));
    });
    asked.once("response", (response) => {
      // Only egress speaks in plain words; a refusal of the server itself is the server's.
      const plain = response.headers["content-type"]?.startsWith("text/plain") ?? false;
      if (response.statusCode !== 403 || !plain) return give(null);
      read(response, Buffer.alloc(0)).then(give, () => give(null));
    });
    asked.end();
  });
}

async function read(stream: AsyncIterable<Buffer>, head: Buffer): Promise<string | null> {
  let text = head.toString("utf8");
  for await (const chunk of stream) {
    text += chunk.toString("utf8");
    if (text.length > maxAnswer) break;
  }
  return text.slice(0, maxAnswer).trim() || null;
}
