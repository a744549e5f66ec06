import { type CommandType, type EventType, type Payload, type Reply, Session } from "@remote-claude/protocol";
import { io, type Socket } from "socket.io-client";
import { adminEmail } from "./product.ts";

/** A running product, however it was started. */
export interface Running {
  readonly url: string;
  readonly adminPassword: string;
}

type Answer = { ok: true; payload: unknown } | { ok: false; error: { code: string; message: string } };

/** A refusal as the api words it. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 0) {
    super(`${code}: ${message}`);
    this.code = code;
    this.status = status;
  }
}

/** A script with a personal access token: REST and one live connection, as others would write it. */
export class Client {
  readonly product: Running;
  readonly token: string;

  private constructor(product: Running, token: string) {
    this.product = product;
    this.token = token;
  }

  /** Somebody who has a token already. */
  static withToken(product: Running, token: string): Client {
    return new Client(product, token);
  }

  /** Signs the admin in with the password and makes a token. */
  static async signIn(product: Running): Promise<Client> {
    const signedIn = await fetch(`${product.url}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: adminEmail, password: product.adminPassword }),
    });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0];
    if (!signedIn.ok || !cookie) throw new Error(`sign-in: ${signedIn.status} ${await signedIn.text()}`);
    const made = await fetch(`${product.url}/api/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify({ name: "end-to-end" }),
    });
    const { secret } = (await made.json()) as { secret: string };
    return new Client(product, secret);
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, ...(init.headers as Record<string, string>) };
    return fetch(`${this.product.url}${path}`, { ...init, headers });
  }

  /** JSON there and back. Throws Refused. */
  async call<Answered>(method: string, path: string, body?: unknown): Promise<Answered> {
    const init: RequestInit =
      body === undefined
        ? { method }
        : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await this.fetch(path, init);
    const text = await response.text();
    const parsed = text === "" ? undefined : (JSON.parse(text) as unknown);
    if (response.ok) return parsed as Answered;
    const { error } = parsed as { error: { code: string; message: string } };
    throw new Refused(error.code, error.message, response.status);
  }

  /** Waits until the session is in the state; throws when it failed instead. */
  async untilState(sessionId: string, state: Session["state"], withinMs = 60_000): Promise<Session> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const { session } = await this.call<{ session: Session }>("GET", `/api/sessions/${sessionId}`);
      if (session.state === state) return Session.parse(session);
      if (session.state === "failed") throw new Error(`the session failed: ${session.stateMessage}`);
      if (Date.now() > deadline) throw new Error(`still ${session.state}, not ${state}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async createSession(body: Record<string, unknown>): Promise<Session> {
    const { session } = await this.call<{ session: Session }>("POST", "/api/sessions", body);
    return this.untilState(session.id, "running");
  }

  async execute(sessionId: string, command: string) {
    return this.call<{ stdout: string; stderr: string; exitCode: number | null }>(
      "POST",
      `/api/sessions/${sessionId}/execute`,
      { command },
    );
  }

  /** Opens the live connection. */
  live(): Live {
    return new Live(
      io(this.product.url, {
        path: "/socket.io",
        transports: ["websocket"],
        auth: { token: this.token },
        reconnectionDelay: 50,
        reconnectionDelayMax: 200,
      }),
    );
  }
}

/** The live connection of a script. */
export class Live {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  async command<Type extends CommandType>(
    type: Type,
    sessionId: string,
    payload: Payload<Type>,
  ): Promise<Reply<Type>> {
    const answer: Answer = await this.socket.timeout(30_000).emitWithAck("command", type, sessionId, payload);
    if (answer.ok) return answer.payload as Reply<Type>;
    throw new Refused(answer.error.code, answer.error.message);
  }

  on<Type extends EventType>(type: Type, listener: (payload: Payload<Type>) => void): void {
    this.socket.on("event", (name: string, _sessionId: string, payload: unknown) => {
      if (name === type) listener(payload as Payload<Type>);
    });
  }

  close(): void {
    this.socket.disconnect();
  }
}
