import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startDevelopment } from "./development.ts";

const services = ["egress", "session-manager", "api"];
/** esbuild looks at its files when it pleases. */
const soon = { timeout: 60_000, interval: 20 };

let root: string;
let restarts: { service: string; how: string; bundle: string }[];
let said: string[];
let developing: Awaited<ReturnType<typeof startDevelopment>> | null = null;

/** In one step: esbuild must not find half of it. */
function write(path: string, text: string): void {
  writeFileSync(join(root, "new"), text);
  renameSync(join(root, "new"), join(root, path));
}

const bundleOf = (service: string) => readFileSync(join(root, service, "dist/main.js"), "utf8");

/** A project of three programs that share a file, as ours share their messages. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "development-"));
  restarts = [];
  said = [];
  for (const folder of ["scripts/lib", "shared", ...services])
    mkdirSync(join(root, folder), { recursive: true });
  write("package.json", `{ "type": "module" }`);
  write("shared/message.js", `export const message = "first message";\n`);
  for (const service of services)
    write(`${service}/main.js`, `import { message } from "../shared/message.js";\nconsole.log(message);\n`);
  write(
    "scripts/lib/bundle.mjs",
    `export const bundleOptions = (root, service) => ({
      absWorkingDir: root,
      entryPoints: [service + "/main.js"],
      outfile: service + "/dist/main.js",
      bundle: true,
      logLevel: "silent",
    });\n`,
  );
});

afterEach(async () => {
  await developing?.stop();
  developing = null;
});

async function develop(): Promise<void> {
  developing = await startDevelopment({
    root,
    terminal: { say: (line) => said.push(line), warn: () => undefined },
    restart: (service, how) => restarts.push({ service, how, bundle: bundleOf(service) }),
  });
}

describe("development", () => {
  it("bundles every service before it goes on, and restarts none for it", async () => {
    await develop();
    for (const service of services) expect(bundleOf(service)).toContain("first message");
    expect(restarts).toEqual([]);
  });

  it("restarts the service whose source changed, with its new bundle in place, and no other", async () => {
    await develop();
    write("api/main.js", `console.log("changed");\n`);
    await vi.waitFor(() => expect(restarts).toHaveLength(1), soon);
    expect(restarts[0]).toMatchObject({ service: "api", how: "gently" });
    expect(restarts[0]?.bundle).toContain("changed");
    expect(said).toEqual(["● api changed; starting it again"]);
  });

  it("restarts all that share what changed; session-manager abruptly, since its end would end the sessions", async () => {
    await develop();
    write("shared/message.js", `export const message = "second message";\n`);
    await vi.waitFor(() => expect(restarts).toHaveLength(services.length), soon);
    const how = Object.fromEntries(restarts.map((restart) => [restart.service, restart.how]));
    expect(how).toEqual({ egress: "gently", "session-manager": "abruptly", api: "gently" });
    for (const { bundle } of restarts) expect(bundle).toContain("second message");
  });

  it("says where a source is wrong, leaves the service as it runs, and restarts it once that is mended", async () => {
    await develop();
    write("api/main.js", `console.log("one");\nconst = 2;\n`);
    await vi.waitFor(
      () => expect(said.some((line) => line.startsWith("✖ api: api/main.js:2: "))).toBe(true),
      soon,
    );
    expect(restarts).toEqual([]);
    write("api/main.js", `console.log("mended");\n`);
    await vi.waitFor(() => expect(restarts).toHaveLength(1), soon);
    expect(restarts[0]?.bundle).toContain("mended");
  });
});
