import { listDeliveries, testDelivery } from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import * as service from "./service.ts";

export const deliveryRoutes = {
  listDeliveries: implement(listDeliveries, async ({ context }) => ({
    deliveries: await service.listDeliveries(context),
  })),

  testDelivery: implement(testDelivery, ({ context, principal, params }) =>
    service.testDelivery(context, principal, params.name),
  ),
};
