import type { RouteName } from "@remote-claude/protocol";
import { adminRoutes } from "../admin/index.ts";
import { alertRoutes } from "../alerts/index.ts";
import { deliveryRoutes } from "../audit-delivery/index.ts";
import {
  auditExportRoutes,
  auditReviewRoutes,
  auditStoryRoutes,
  auditVerifyRoutes,
  auditViewRoutes,
} from "../audit-review/index.ts";
import { authRoutes } from "../auth/index.ts";
import { type Chat, chatRoutes } from "../chat/index.ts";
import { conversationRoutes } from "../conversations/index.ts";
import { fileRoutes } from "../files/index.ts";
import { gitCredentialRoutes } from "../git-credentials/index.ts";
import { identityRoutes, signInSettingsRoutes } from "../identities/index.ts";
import { invitationRoutes } from "../invitations/index.ts";
import { recordingRoutes } from "../recordings/index.ts";
import { sessionRoutes } from "../sessions/index.ts";
import { settingsRoutes } from "../settings/index.ts";
import { sharingRoutes } from "../sharing/index.ts";
import { systemRoutes } from "../system/index.ts";
import { type TaskQueue, taskRoutes } from "../tasks/index.ts";
import { usageRoutes } from "../usage/index.ts";
import { workspaceRoutes } from "../workspace/index.ts";
import type { RouteHandler } from "./implement.ts";
import { openApiRoutes } from "./openapi.ts";

/** Every route of the protocol and what answers it: the compiler names a missing one. */
export type Handlers = Readonly<Record<RouteName, RouteHandler>>;

export function createHandlers(chat: Chat, queue: TaskQueue): Handlers {
  return {
    ...adminRoutes,
    ...authRoutes,
    ...invitationRoutes,
    ...identityRoutes,
    ...signInSettingsRoutes,
    ...sessionRoutes,
    ...usageRoutes,
    ...workspaceRoutes,
    ...fileRoutes,
    ...gitCredentialRoutes,
    ...chatRoutes(chat),
    ...conversationRoutes(chat),
    ...recordingRoutes,
    ...taskRoutes(queue),
    ...settingsRoutes,
    ...auditReviewRoutes,
    ...auditExportRoutes,
    ...auditStoryRoutes,
    ...auditVerifyRoutes,
    ...auditViewRoutes,
    ...deliveryRoutes,
    ...alertRoutes,
    ...sharingRoutes,
    ...systemRoutes,
    ...openApiRoutes,
  };
}
