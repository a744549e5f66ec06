import { ErrorBody } from "@remote-claude/protocol";
import { getGlobalDispatcher } from "undici";

/** What came over the wire: a test says what it expects of it, field by field. */
// biome-ignore lint/suspicious/noExplicitAny: `unknown` would have each expectation parse first what it is about to judge
export type Anything = any;

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** The JSON body. */
  readonly body: Anything;
  /** The refusal's code; null when it is none. */
  readonly code: string | null;
}

export interface Ask {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Asks the api over HTTP as a program does: the path goes out as it is written, nothing is added. */
export class ApiClient {
  readonly origin: string;
  readonly headers: Record<string, string>;

  constructor(origin: string, headers: Record<string, string> = {}) {
    this.origin = origin;
    this.headers = headers;
  }

  with(headers: Record<string, string>): ApiClient {
    return new ApiClient(this.origin, { ...this.headers, ...headers });
  }

  /** The same person at an api that listens elsewhere since. */
  at(origin: string): ApiClient {
    return new ApiClient(origin, this.headers);
  }

  get = (path: string, ask?: Ask) => this.ask("GET", path, ask);
  post = (path: string, body?: unknown, headers?: Record<string, string>) =>
    this.ask("POST", path, { body, ...(headers === undefined ? {} : { headers }) });
  put = (path: string, body?: unknown) => this.ask("PUT", path, { body });
  patch = (path: string, body?: unknown) => this.ask("PATCH", path, { body });
  delete = (path: string, ask?: Ask) => this.ask("DELETE", path, ask);

  async ask(method: string, path: string, { body, headers = {} }: Ask = {}): Promise<ApiAnswer> {
    const raw = typeof body === "string" || body instanceof Uint8Array || body === undefined;
    const form = body instanceof FormData ? new Response(body) : null;
    const contentType = form?.headers.get("content-type") ?? (raw ? undefined : "application/json");
    let bytes: string | Uint8Array | null = null;
    if (form !== null) bytes = new Uint8Array(await form.arrayBuffer());
    else if (raw) bytes = (body as string | Uint8Array | undefined) ?? null;
    else bytes = JSON.stringify(body);
    const answer = await getGlobalDispatcher().request({
      origin: this.origin,
      path,
      method: method as "GET",
      headers: {
        ...this.headers,
        ...(contentType === undefined ? {} : { "content-type": contentType }),
        ...headers,
      },
      body: bytes,
    });
    const text = await answer.body.text();
    const json = /^application\/json\b/.test(String(answer.headers["content-type"]))
      ? JSON.parse(text)
      : undefined;
    const error = ErrorBody.safeParse(json?.error);
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      body: json,
      code: error.success ? error.data.code : null,
    };
  }
}
