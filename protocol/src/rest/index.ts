import * as account from "./account.ts";
import * as admin from "./admin.ts";
import * as alerts from "./alerts.ts";
import * as audit from "./audit.ts";
import * as auditExport from "./audit-export.ts";
import * as auditStory from "./audit-story.ts";
import * as auditVerify from "./audit-verify.ts";
import * as auditViews from "./audit-views.ts";
import * as auth from "./auth.ts";
import * as claude from "./claude.ts";
import * as conversations from "./conversations.ts";
import * as delivery from "./delivery.ts";
import * as device from "./device.ts";
import * as files from "./files.ts";
import * as gitCredentials from "./git-credentials.ts";
import * as invitations from "./invitations.ts";
import * as providers from "./providers.ts";
import * as recordings from "./recordings.ts";
import type { RouteDefinition } from "./route.ts";
import * as sessions from "./sessions.ts";
import * as settings from "./settings.ts";
import * as sharing from "./sharing.ts";
import * as signInSettings from "./sign-in-settings.ts";
import * as system from "./system.ts";
import * as usage from "./usage.ts";

const exported = {
  ...admin,
  ...audit,
  ...auditExport,
  ...auditStory,
  ...auditVerify,
  ...auditViews,
  ...alerts,
  ...auth,
  ...account,
  ...delivery,
  ...device,
  ...providers,
  ...recordings,
  ...invitations,
  ...sessions,
  ...files,
  ...gitCredentials,
  ...claude,
  ...conversations,
  ...settings,
  ...sharing,
  ...signInSettings,
  ...system,
  ...usage,
};

type Exported = typeof exported;
/** The names of all routes; each is an operation id in the OpenAPI document. */
export type RouteName = {
  [Name in keyof Exported]: Exported[Name] extends { method: string; path: string } ? Name : never;
}[keyof Exported];

/** Every route by its name. */
export const routes: ReadonlyMap<RouteName, RouteDefinition> = new Map(
  Object.entries(exported as Record<string, object | number | string>).filter(
    ([, value]) => typeof value === "object" && "method" in value && "path" in value,
  ) as unknown as [RouteName, RouteDefinition][],
);

export * from "./account.ts";
export * from "./admin.ts";
export * from "./alerts.ts";
export * from "./audit.ts";
export * from "./audit-export.ts";
export * from "./audit-story.ts";
export * from "./audit-verify.ts";
export * from "./audit-views.ts";
export * from "./auth.ts";
export * from "./claude.ts";
export * from "./conversations.ts";
export * from "./delivery.ts";
export * from "./device.ts";
export * from "./files.ts";
export * from "./git-credentials.ts";
export * from "./internal-sign-in.ts";
export * from "./invitations.ts";
export * from "./providers.ts";
export * from "./recordings.ts";
export * from "./route.ts";
export * from "./sessions.ts";
export * from "./settings.ts";
export * from "./sharing.ts";
export * from "./sign-in-settings.ts";
export * from "./system.ts";
export * from "./usage.ts";
