import { changeSettings, getSettings } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { implement } from "../http/implement.ts";
import { defaultSettings, readSettings, saveSettings } from "./service.ts";

const present = async (context: Context) => ({
  settings: await readSettings(context, context.db),
  defaults: defaultSettings(context),
});

export const settingsRoutes = {
  getSettings: implement(getSettings, ({ context }) => present(context)),

  changeSettings: implement(changeSettings, async ({ context, principal, body }) => {
    await saveSettings(context, principal, body);
    return present(context);
  }),
};
