export { noteActivity } from "./activity.ts";
export { announceSession } from "./announce.ts";
export { ensureRunning } from "./ensure-running.ts";
export { followOtherReplicas } from "./follow-replicas.ts";
export { presentSession } from "./present.ts";
export { watchPlaces } from "./reconcile.ts";
export { sessionRoutes } from "./routes.ts";
export { closeSessions, findSessionAccess, getSessionAccess } from "./service.ts";
export { assertRunning } from "./state.ts";
