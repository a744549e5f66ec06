export { noticeBudgets, watchBudgets } from "./budget-notices.ts";
export { usageRoutes } from "./routes.ts";
