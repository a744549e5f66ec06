import * as z from "zod";
import { Id } from "../ids.ts";
import { command } from "./message.ts";

/**
 * How an act ended that the api gave a number (`act` of a command's frame or of a transfer). `unknown`: the agent was
 * killed in its midst. `never`: it has not come here, and does not count if it still does.
 */
export const ActOutcome = z.enum(["done", "failed", "running", "unknown", "never"]);
export type ActOutcome = z.infer<typeof ActOutcome>;

/** An api that finds acts of one that is gone asks how they ended. */
export const actOutcomes = command("act.outcomes", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({ ids: z.array(Id).max(100) }),
  reply: z.object({ outcomes: z.array(z.object({ id: Id, outcome: ActOutcome })) }),
});
