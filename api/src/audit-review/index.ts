export { auditExportRoutes } from "./export-routes.ts";
export { recordLook } from "./looked.ts";
export { entriesOf } from "./present.ts";
export { auditReviewRoutes } from "./routes.ts";
export { whereOf } from "./where.ts";
