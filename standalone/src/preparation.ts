import { z } from "zod";

/** What prepare-database.ts is told. Over the channel, not by arguments: it holds passwords. */
export const Preparation = z.object({
  /** A database to make first, and the address of its server. */
  create: z.object({ serverUrl: z.string(), name: z.string() }).nullable(),
  ownerUrl: z.string(),
  appRole: z.string(),
  appPassword: z.string(),
  migrationsDir: z.string(),
});
export type Preparation = z.infer<typeof Preparation>;
