export { invitationRoutes } from "./routes.ts";
export { claimInvitation, findOpenInvitation } from "./service.ts";
