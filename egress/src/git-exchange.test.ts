import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { watchExchange } from "./git-exchange.ts";

const id = "1a".repeat(20);
const zero = "0".repeat(40);
const packet = (line: string) => `${(Buffer.byteLength(line) + 4).toString(16).padStart(4, "0")}${line}`;
const ofPush = (...bodies: (string | Buffer)[]) => {
  const watched = watchExchange("git-receive-pack");
  for (const body of bodies) watched.onSent(Buffer.from(body));
  return watched.summary();
};
const ofFetch = (body: string | Buffer) => {
  const watched = watchExchange("git-upload-pack");
  watched.onSent(Buffer.from(body));
  return watched.summary().counts;
};

describe("a push", () => {
  const commands = `${packet(`${zero} ${id} refs/heads/a\0 report-status`)}${packet(`${id} ${zero} refs/heads/b`)}0000`;
  const refs = [
    { ref: "refs/heads/a", change: "created", refused: false },
    { ref: "refs/heads/b", change: "deleted", refused: false },
  ];

  it.each([
    ["as git writes it", commands],
    ["with the pack behind it", `${commands}PACK${"x".repeat(100_000)}`],
    ["compressed", gzipSync(`${commands}PACK`)],
    ["in capitals", commands.replaceAll("1a", "1A")],
    ["behind what is no command", packet(`shallow ${id}`) + commands],
  ])("names its refs %s", (_, body) => {
    expect(ofPush(body)).toEqual({ counts: true, refs, moreRefs: false });
  });

  it("names a ref with whatever git lets into one", () => {
    const [ref] = ofPush(`${packet(`${zero} ${id} refs/heads/a\u2028b\n`)}0000`).refs;
    expect(ref?.ref).toBe("refs/heads/a\u2028b");
  });

  it.each([
    ["begins behind more than is kept", packet(`shallow ${id}`).repeat(1000) + commands],
    ["is not in lines of git's", "what is this?"],
    ["grows out of little", gzipSync(Buffer.alloc(8 * 1024 * 1024))],
    ["is broken", Buffer.from([0x1f, 0x8b, 1, 2, 3])],
  ])("counts without its refs where it %s", (_, body) => {
    expect(ofPush(body)).toEqual({ counts: true, refs: [], moreRefs: true });
  });

  it.each([
    ["nothing", ""],
    ["no command", "0000"],
    ["half a command", commands.slice(0, 30)],
  ])("of %s is none", (_, body) => {
    expect(ofPush(body).counts).toBe(false);
  });
});

describe("a fetch", () => {
  const wants = `${packet(`want ${id}\n`)}00000009done\n`;

  it.each([
    ["as git writes it", packet("command=fetch") + wants],
    ["of the older protocol", wants],
    ["behind a capability", packet("agent=x") + packet("command=fetch") + wants],
    ["behind what the session has not whole", packet(`shallow ${id}`) + wants],
    ["compressed", gzipSync(wants)],
    ["with its length in capitals", wants.toUpperCase()],
  ])("counts %s", (_, body) => expect(ofFetch(body)).toBe(true));

  it.each([
    ["the list of refs", `${packet("command=ls-refs\n")}0000`],
    ["the list of refs, compressed", gzipSync(`${packet("command=ls-refs\n")}0000`)],
    ["nothing", "0000"],
  ])("of %s does not count", (_, body) => expect(ofFetch(body)).toBe(false));
});
