import * as z from "zod";
import { OrganisationSettings } from "../organisation-settings.ts";
import { route } from "./route.ts";

const SettingsReply = z.object({
  settings: OrganisationSettings,
  /** What holds where nobody chose: for a page to offer. */
  defaults: OrganisationSettings,
});

export const getSettings = route({
  method: "GET",
  path: "/api/settings",
  summary: "What holds for the whole organisation",
  needs: "settings.manage",
  scope: "admin:read",
  reply: SettingsReply,
});

export const changeSettings = route({
  method: "PUT",
  path: "/api/settings",
  summary: "Change what holds for the whole organisation; it takes effect at once",
  needs: "settings.manage",
  scope: "admin:write",
  body: OrganisationSettings,
  reply: SettingsReply,
  errors: ["bad_request"],
});
