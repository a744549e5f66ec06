import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { Client, type Live } from "./client.ts";
import { Product } from "./product.ts";
import { type RawAnswer, type RawRequest, rawOf } from "./raw-http.ts";

/** What the tests of a suite work with. It is there from the first test on. */
export interface Steady {
  readonly product: Product;
  readonly client: Client;
  readonly live: Live;
  readonly sessionId: string;
  /** Sends exactly what it is told, with the client's token. */
  raw(request: RawRequest): Promise<RawAnswer>;
  json(method: string, path: string, body: unknown): Promise<RawAnswer>;
  /** The address of a file in the session. */
  file(path: string): string;
}

/**
 * One product and session for a suite that mistreats them. After each test: it still answers, no process of it was
 * started anew, and nobody met a bug.
 */
export function steadyProduct(): Steady {
  let started: Pick<Steady, "product" | "client" | "live" | "sessionId"> | null = null;
  let apiPid = 0;
  let bootId: string | undefined;
  /** By service: a bug is the fault of the test that met it, not of all that follow. */
  const reported = new Map(["api", "egress", "session-manager"].map((service) => [service, 0]));
  const get = () => {
    if (started === null) throw new Error("not started yet");
    return started;
  };
  const raw = (request: RawRequest) => rawOf(get().client)(request);

  beforeAll(async () => {
    const product = await Product.start();
    const client = await Client.signIn(product);
    const { id } = await client.createSession({ name: "Mistreated" });
    const live = client.live();
    started = { product, client, live, sessionId: id };
    apiPid = await product.pidOf("api");
    bootId = (await live.command("session.watch", id, {})).agent?.bootId;
  });

  afterEach(async () => {
    const { product, client, live, sessionId } = get();
    expect(await (await fetch(`${product.url}/api/health`)).json()).toEqual({ status: "ok" });
    expect((await client.execute(sessionId, "echo alive")).stdout).toBe("alive\n");
    expect(await product.pidOf("api")).toBe(apiPid);
    expect((await live.command("session.watch", sessionId, {})).agent?.bootId).toBe(bootId);
    for (const [service, known] of reported) {
      const bugs = await product.bugs(service);
      reported.set(service, bugs.length);
      expect(bugs.slice(known), service).toEqual([]);
    }
  });

  afterAll(async () => {
    started?.live.close();
    await started?.product.stop();
  });

  return {
    get product() {
      return get().product;
    },
    get client() {
      return get().client;
    },
    get live() {
      return get().live;
    },
    get sessionId() {
      return get().sessionId;
    },
    raw,
    json: (method, path, body) =>
      raw({ method, path, headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    file: (path) => `/api/sessions/${get().sessionId}/files/${path}`,
  };
}
