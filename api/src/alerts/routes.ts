import {
  changeAlertRule,
  createAlertRule,
  deleteAlertRule,
  listAlertRules,
  testAlertRule,
} from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import * as service from "./service.ts";

export const alertRoutes = {
  listAlertRules: implement(listAlertRules, ({ context }) => service.listRules(context)),

  createAlertRule: implement(createAlertRule, async ({ context, principal, body }) => ({
    rule: await service.createRule(context, principal, body),
  })),

  changeAlertRule: implement(changeAlertRule, async ({ context, principal, params, body }) => ({
    rule: await service.changeRule(context, principal, params.ruleId, body),
  })),

  deleteAlertRule: implement(deleteAlertRule, ({ context, principal, params }) =>
    service.deleteRule(context, principal, params.ruleId),
  ),

  testAlertRule: implement(testAlertRule, ({ context, principal, params }) =>
    service.testRule(context, principal, params.ruleId),
  ),
};
