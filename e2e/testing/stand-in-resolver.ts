import { createSocket, type RemoteInfo } from "node:dgram";
import { writeFile } from "node:fs/promises";
import { isIPv4 } from "node:net";

/** Loopback, and nobody's by custom: a resolver of the machine's own may have 127.0.0.1 or 127.0.0.53. */
const address = "127.0.0.71";
const port = 53;

const type = { a: 1 } as const;
const nameError = 3;

/** A name server of a test: answers for the names it was told, says that there are no others, and remembers who was asked for. */
export class StandInResolver {
  /** Every name that was asked for, in lower case. */
  readonly asked: string[] = [];
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #socket = createSocket("udp4");

  /** IPv4 addresses by name. */
  constructor(addresses: Readonly<Record<string, string>>) {
    this.#addresses = new Map(Object.entries(addresses));
  }

  async listen(): Promise<void> {
    this.#socket.on("message", (query, from) => this.#answer(query, from));
    await new Promise<void>((resolve, reject) => {
      this.#socket.once("error", reject);
      this.#socket.bind(port, address, resolve);
    });
  }

  /** A resolv.conf that leads to it. */
  async writeSettings(file: string): Promise<void> {
    await writeFile(file, `nameserver ${address}\noptions timeout:2 attempts:2\n`, { mode: 0o644 });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #answer(query: Buffer, from: RemoteInfo): void {
    const question = readQuestion(query);
    if (question === null) return;
    this.asked.push(question.name);
    const known = this.#addresses.get(question.name);
    const answers = known !== undefined && question.type === type.a ? [recordOf(known)] : [];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // An answer, recursion available; the rest by whether there is such a name.
    header.writeUInt16BE(0x8180 | (known === undefined ? nameError : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    const answer = Buffer.concat([header, query.subarray(12, question.end), ...answers]);
    this.#socket.send(answer, from.port, from.address);
  }
}

interface Question {
  readonly name: string;
  readonly type: number;
  readonly end: number;
}

function readQuestion(query: Buffer): Question | null {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length !== 0; length = query[at] ?? 0) {
    if (length > 63 || at + 1 + length >= query.length) return null;
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > query.length) return null;
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** An A record of the name in the question. */
function recordOf(ipv4: string): Buffer {
  if (!isIPv4(ipv4)) throw new Error(`not an IPv4 address: ${ipv4}`);
  const head = Buffer.from([0xc0, 12, 0, type.a, 0, 1, 0, 0, 0, 0, 0, 4]);
  return Buffer.concat([head, Buffer.from(ipv4.split(".").map(Number))]);
}
