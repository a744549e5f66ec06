import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

const here = new URL(".", import.meta.url);

/** A service in a process of its own, whose parts are written as source. */
function run(parts: { loadConfig?: string; start?: string; stop?: string }) {
  const source = `
    import { runService } from "${here}run-service.ts";
    import { ConfigError } from "${here}settings.ts";
    const write = (level) => (details, msg) => console.log(JSON.stringify({ level, msg, err: details.err?.message }));
    await runService({
      loadConfig: () => { ${parts.loadConfig ?? ""} },
      createLog: () => ({ info: write("info"), error: write("error"), fatal: write("fatal") }),
      stopWithinMs: 200,
      async start() {
        ${parts.start ?? ""}
        const timer = setInterval(() => {}, 1000);
        return { listening: {}, async stop() { ${parts.stop ?? ""} } };
      },
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {},
  });
  const ended = Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]).then(
    ([[code], output, errors]) => ({ code, output, errors }),
  );
  return { child, ended };
}

/** Asks it to end as soon as it listens. */
async function stopped(parts: Parameters<typeof run>[0]) {
  const { child, ended } = run(parts);
  child.stdout.on("data", (chunk: Buffer) => {
    if (chunk.includes("listening")) child.kill("SIGTERM");
  });
  return ended;
}

describe("a service", () => {
  it("ends in order when it is told to", async () => {
    const { code, output } = await stopped({ stop: `console.log("in order")` });
    expect(output).toMatch(/listening.*stopping.*in order.*stopped/s);
    expect(code).toBe(0);
  });

  it("ends all the same when ending fails, or takes too long", async () => {
    const failing = await stopped({ stop: `throw new Error("no way out")` });
    expect(failing).toMatchObject({ code: 1, output: expect.stringContaining("no way out") });
    expect(await stopped({ stop: "await new Promise(() => {})" })).toMatchObject({ code: 1 });
  });

  it("says which settings it refuses, by an exit status of its own", async () => {
    const { code, errors } = await run({ loadConfig: `throw new ConfigError("TEAPOT: missing")` }).ended;
    expect(errors).toBe("TEAPOT: missing\n");
    expect(code).toBe(78);
  });

  it("says why it cannot start", async () => {
    const { code, output } = await run({ start: `throw new Error("no tea")` }).ended;
    expect(output).toMatch(/cannot start.*no tea/);
    expect(code).toBe(1);
  });

  it("outlives a promise that nobody waits for, and not an error that nobody catches", async () => {
    const rejected = await stopped({ start: `Promise.reject(new Error("forgotten"))` });
    expect(rejected).toMatchObject({ code: 0, output: expect.stringContaining("forgotten") });
    const thrown = await run({ start: `setTimeout(() => { throw new Error("a slip"); })` }).ended;
    expect(thrown).toMatchObject({ code: 1, output: expect.stringMatching(/a bug: ending.*a slip/) });
  });
});
