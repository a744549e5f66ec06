export { createRecordings, type Recordings } from "./recordings.ts";
export { keepRetiring } from "./retention.ts";
export { recordingRoutes } from "./routes.ts";
