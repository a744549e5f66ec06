export { auditExportRoutes } from "./export-routes.ts";
export { recordLook } from "./looked.ts";
export { entriesOf } from "./present.ts";
export { auditStoryRoutes, auditVerifyRoutes, auditViewRoutes } from "./review-routes.ts";
export { auditReviewRoutes } from "./routes.ts";
export { endVerifying } from "./verification.ts";
export { whereOf } from "./where.ts";
