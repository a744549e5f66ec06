export { revokeAllLinks } from "./links.ts";
export { isAdminsLook, type Part, putPart } from "./people.ts";
export { sharingRoutes } from "./routes.ts";
