export { explainFailure, keepDelivering } from "./deliver.ts";
export { describeDelivery } from "./metrics.ts";
export { deliveryRoutes } from "./routes.ts";
export { listDeliveries } from "./service.ts";
export { signatureHeaders } from "./sign.ts";
export { NotTaken, patienceMs } from "./sink.ts";
