export { translateError } from "./errors.ts";
export { createHandlers, type Handlers } from "./handlers.ts";
export { implement, type RouteHandler, type RouteInput, sent } from "./implement.ts";
export { fromOurOrigin } from "./origin.ts";
export { createHttp } from "./server.ts";
