export { resealGitCredentials } from "./reseal.ts";
export { gitCredentialRoutes } from "./routes.ts";
