import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { run } from "./run.mjs";

const options = { cwd: "/", what: "the program" };

it("A program's output is given back, and carried by its failure", async () => {
  expect(await run(process.execPath, ["-e", "console.log('fine')"], options)).toBe("fine\n");
  const failing = run(process.execPath, ["-e", "console.error('why'); process.exit(4)"], options);
  await expect(failing).rejects.toMatchObject({
    message: "the program failed (exit status 4)",
    output: "why\n",
  });
  await expect(run("/no/such/program", [], options)).rejects.toThrow(/was not found/);
});

it("A program does not outlive who runs it", async () => {
  const module = fileURLToPath(new URL("./run.mjs", import.meta.url));
  const inner = "console.log(process.pid); setInterval(() => {}, 1000)";
  const outer = `import { run } from ${JSON.stringify(module)};
    run(process.execPath, ["-e", ${JSON.stringify(inner)}], { cwd: "/", what: "x", inherit: true });`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", outer], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await new Promise((resolve) => parent.stdout.once("data", (data) => resolve(Number(data))));
  process.kill(pid, 0);
  parent.kill("SIGTERM");
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 5000);
});
