import { fileURLToPath } from "node:url";
import type { Session } from "@remote-claude/protocol";
import { Client, type Live } from "../../e2e/testing/client.ts";
import { Product } from "../../e2e/testing/product.ts";
import { environmentOf } from "./memory.ts";
import { startProgram } from "./programs.ts";

/** What benchmarks run on: the product as `npm start` starts it, and a scripted model in a process of its own. */
export interface Stage {
  readonly product: Product;
  readonly client: Client;
  readonly modelUrl: string;
  /** What a service was started with: ports, addresses, secrets. */
  environment(service: string): Promise<Record<string, string>>;
  close(): Promise<void>;
}

const modelProgram = fileURLToPath(new URL("../../e2e/scripted-model/main.ts", import.meta.url));

/** The scripted model, answering whatever it is asked with a few words. */
export async function startModel(): Promise<{ url: string; stop(): Promise<void> }> {
  const { ready, stop } = await startProgram<{ url: string }>(modelProgram, ["--port", "0"]);
  return { url: ready.url, stop };
}

export async function openStage(environment: Record<string, string> = {}): Promise<Stage> {
  const model = await startModel();
  const product = await Product.start({ modelUrl: model.url, environment });
  return {
    product,
    client: await Client.signIn(product),
    modelUrl: model.url,
    environment: async (service) => environmentOf(await product.pidOf(service)),
    async close() {
      await product.stop();
      await model.stop();
    },
  };
}

/** Does something in a session that is there for it alone. */
export async function withSession<Result>(
  { client }: Stage,
  work: (session: Session, live: Live) => Promise<Result>,
): Promise<Result> {
  const session = await client.createSession({ name: "Benchmark" });
  const live = client.live();
  try {
    return await work(session, live);
  } finally {
    live.close();
    await client.call("DELETE", `/api/sessions/${session.id}`);
  }
}
