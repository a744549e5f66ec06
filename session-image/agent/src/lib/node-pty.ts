import { createRequire } from "node:module";
import type * as NodePty from "@lydell/node-pty";

const require = createRequire(import.meta.url);
let loaded: typeof NodePty | undefined;

/** Loaded when it is first needed, which the agent sees to once the api is there: who waits for it need not wait for this. */
export function nodePty(): typeof NodePty {
  loaded ??= require("@lydell/node-pty") as typeof NodePty;
  return loaded;
}
