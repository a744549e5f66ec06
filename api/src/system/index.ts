export { metricsRouter, observe } from "./metrics.ts";
export { systemRoutes } from "./routes.ts";
