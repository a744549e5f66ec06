import { randomUUID } from "node:crypto";
import type { CommandType, Payload, Reply } from "@remote-claude/protocol";
import type { Client, Live } from "./client.ts";
import { adminEmail } from "./product.ts";

/** What one act should have on record, and what its sender heard of it. */
export interface Deed {
  readonly action: string;
  /** Finds its rows: unique among all acts. */
  readonly key: string;
  /** `answered`: with success. `refused`: for certain not done. `unheard`: it may have been done or not. */
  heard: "answered" | "refused" | "unheard";
  readonly round: number;
}

/** By these codes nobody knows whether it was done. */
const uncertain = new Set(["agent_unreachable", "timeout", "internal", "unavailable"]);

const heardOf = (error: unknown): Deed["heard"] => {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && !uncertain.has(code) && /^[a-z_]+$/.test(code) ? "refused" : "unheard";
};

/** A command whose connection breaks is answered by nobody: its sender need not wait out the time for it. */
async function commandOrLost<Type extends CommandType>(
  live: Live,
  type: Type,
  sessionId: string,
  payload: Payload<Type>,
): Promise<Reply<Type>> {
  if (!live.socket.connected) throw Object.assign(new Error("not connected"), { code: "unavailable" });
  let lost = () => {};
  const broken = new Promise<never>((_, reject) => {
    lost = () => reject(new Error("the connection broke"));
    live.socket.once("disconnect", lost);
  });
  try {
    return await Promise.race([live.command(type, sessionId, payload), broken]);
  } finally {
    live.socket.off("disconnect", lost);
  }
}

/** People at work in one session, who note what they asked for and what they heard. */
export class CrashLoad {
  readonly deeds: Deed[] = [];
  /** Files that somebody asked to be deleted. */
  readonly deleted = new Set<string>();
  readonly conversations = new Set<string>();
  readonly #client: Client;
  readonly #live: Live;
  readonly #sessionId: string;
  readonly #onBegun = new Set<() => void>();
  #count = 0;
  #conversation: string | null = null;

  constructor(client: Client, live: Live, sessionId: string) {
    this.#client = client;
    this.#live = live;
    this.#sessionId = sessionId;
  }

  /** The next prompt goes into a conversation of its own: no turn of before is in its way. */
  beginConversation(): void {
    this.#conversation = null;
  }

  /** Everybody works until told to stop, and what was under way has been heard of. */
  async run(round: number, stopped: () => boolean): Promise<void> {
    const repeat = async (work: (round: number) => Promise<void>) => {
      while (!stopped()) {
        await work(round);
        // Whoever is refused at once, since something is away, does not ask a thousand times.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await Promise.all([
      repeat((at) => this.#files(at)),
      repeat((at) => this.#execute(at)),
      repeat((at) => this.#terminals(at)),
      repeat((at) => this.#browse(at)),
      this.#prompt(round),
    ]);
  }

  async #note(round: number, action: string, key: string, act: () => Promise<unknown>): Promise<boolean> {
    const deed: Deed = { action, key, heard: "unheard", round };
    this.deeds.push(deed);
    for (const tell of this.#onBegun) tell();
    this.#onBegun.clear();
    try {
      await act();
      deed.heard = "answered";
    } catch (error) {
      deed.heard = heardOf(error);
    }
    return deed.heard === "answered";
  }

  /** Resolves when so many acts more have been begun. */
  async begun(more: number): Promise<void> {
    const until = this.deeds.length + more;
    while (this.deeds.length < until) await new Promise<void>((resolve) => this.#onBegun.add(resolve));
  }

  #next(): string {
    this.#count += 1;
    return `n${this.#count}`;
  }

  async #files(round: number): Promise<void> {
    const path = `files/${this.#next()}.txt`;
    const at = `/api/sessions/${this.#sessionId}/files/${path}`;
    const upload = this.#count % 2 === 0;
    const written = await this.#note(round, upload ? "file.uploaded" : "file.written", path, () =>
      this.#ask("PUT", `${at}${upload ? "?upload=1" : ""}`, path),
    );
    if (!written || this.#count % 3 !== 0) return;
    this.deleted.add(path);
    await this.#note(round, "file.deleted", path, () => this.#ask("DELETE", at));
  }

  async #execute(round: number): Promise<void> {
    const command = `echo ${this.#next()} >> executed.log`;
    await this.#note(round, "command.executed", command, () =>
      this.#client.execute(this.#sessionId, command),
    );
  }

  async #terminals(round: number): Promise<void> {
    const cwd = `terminals/${this.#count % 200}`;
    const opened = `${cwd}/${this.#next()}`;
    let terminalId = "";
    const made = await this.#ask("PUT", `/api/sessions/${this.#sessionId}/files/${opened}/.keep`, "").then(
      () => true,
      () => false,
    );
    if (!made) return;
    const open = await this.#note(round, "terminal.opened", opened, async () => {
      const size = { cols: 80, rows: 24, cwd: opened };
      const reply = await commandOrLost(this.#live, "terminal.create", this.#sessionId, size);
      terminalId = reply.terminal.terminalId;
    });
    if (!open) return;
    await this.#note(round, "terminal.closed", terminalId, () =>
      commandOrLost(this.#live, "terminal.close", this.#sessionId, { terminalId }),
    );
  }

  async #signIn(round: number): Promise<void> {
    const userAgent = `crash-test/${this.#next()}`;
    const { url, adminPassword: password } = this.#client.product;
    await this.#note(round, "sign-in.succeeded", userAgent, async () => {
      const response = await fetch(`${url}/api/auth/login`, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": userAgent },
        body: JSON.stringify({ email: adminEmail, password }),
      });
      await response.text();
      if (!response.ok)
        throw Object.assign(new Error(), { code: response.status < 500 ? "refused" : "internal" });
    });
  }

  /** Signs in, and reads between two times: a password costs a tenth of a second of a processor. */
  async #browse(round: number): Promise<void> {
    await this.#signIn(round);
    for (let reads = 0; reads < 10; reads += 1)
      await this.#ask("GET", `/api/sessions/${this.#sessionId}`).catch(() => {});
  }

  /** One prompt a round: Claude is slower than people. */
  async #prompt(round: number): Promise<void> {
    const conversationId = this.#conversation ?? randomUUID();
    try {
      if (this.#conversation === null)
        await commandOrLost(this.#live, "chat.create", this.#sessionId, { conversationId });
    } catch {
      return;
    }
    this.#conversation = conversationId;
    this.conversations.add(conversationId);
    const messageId = randomUUID();
    const text = "[[script:hello]]";
    await this.#note(round, "claude.prompted", messageId, () =>
      commandOrLost(this.#live, "chat.send", this.#sessionId, { conversationId, messageId, text }),
    );
  }

  async #ask(method: string, path: string, body?: string): Promise<void> {
    const response = await this.#client.fetch(path, {
      method,
      ...(body !== undefined && { body, headers: { "content-type": "application/octet-stream" } }),
    });
    const text = await response.text();
    if (response.ok) return;
    const code = /"code":"([a-z_]+)"/.exec(text)?.[1] ?? "internal";
    throw Object.assign(new Error(text), { code });
  }
}
