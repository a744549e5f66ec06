import { getConfig, getHealth, getReady } from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import { publicConfigOf } from "./public-config.ts";
import { readiness } from "./ready.ts";

export const systemRoutes = {
  getConfig: implement(getConfig, ({ context }) => publicConfigOf(context)()),
  getHealth: implement(getHealth, async () => ({ status: "ok" as const })),
  getReady: implement(getReady, ({ context }) => readiness(context)),
};
