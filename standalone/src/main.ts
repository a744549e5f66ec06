import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { endWithFailure, runSupervisor } from "./run.ts";

/** The folder of the project, seen from src/ and from dist/ alike. */
const root = dirname(dirname(fileURLToPath(new URL(".", import.meta.url))));

process.title = "remote-claude";
try {
  await runSupervisor(root);
} catch (error) {
  endWithFailure(error);
}
