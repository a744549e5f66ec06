import { createSealer } from "@remote-claude/prisma/sealing";
import { perContext } from "../lib/per-context.ts";

/** What seals the credentials of this installation; egress has the same keys, and opens them. */
export const sealerOf = perContext((context) => createSealer(context.config.gitCredentialKeys));
