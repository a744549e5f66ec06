export { performTask, type Tasks } from "./perform.ts";
export { type TaskQueue, taskQueue } from "./queue.ts";
export { taskRoutes } from "./routes.ts";
