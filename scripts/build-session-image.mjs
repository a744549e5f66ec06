/**
 * Builds the image that sessions run in with the Docker runtime. What follows `--` goes to `docker build`, such as
 *   npm run build:session-image -- --build-arg BASE_IMAGE=registry.example.org/node:24-bookworm-slim
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const name = "remote-claude/session";

const child = spawn(
  "docker",
  [
    "build",
    ...["--file", "session-image/Dockerfile", "--tag", name, "--tag", `${name}:${version}`],
    ...process.argv.slice(2),
    ".",
  ],
  { cwd: root, stdio: "inherit" },
);
child.on("error", (error) => {
  console.error(`✖ docker could not be started (${error.message}): is it installed?`);
  process.exit(1);
});
const [code] = await once(child, "exit");
process.exit(code ?? 1);
