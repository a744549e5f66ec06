export { keepAlerting } from "./keep-alerting.ts";
export { alertRoutes } from "./routes.ts";
