import { exportSpend, getSpend, getUsage } from "@remote-claude/protocol";
import { implement, sent } from "../http/implement.ts";
import { monthOf, readSpend, readUsage, spendTable } from "./spend.ts";

export const usageRoutes = {
  getUsage: implement(getUsage, ({ context, principal, query }) =>
    readUsage(context, principal, query.month),
  ),

  getSpend: implement(getSpend, ({ context, query }) => readSpend(context, query)),

  exportSpend: implement(exportSpend, async ({ context, query, response }): Promise<typeof sent> => {
    const month = query.month ?? monthOf(context.clock.now());
    response.attachment(`remote-claude-spend-${month}.csv`).type("text/csv");
    response.send(await spendTable(context, month));
    return sent;
  }),
};
