export { endAccess, isAdminsLook, type Part, putPart } from "./people.ts";
export { sharingRoutes } from "./routes.ts";
