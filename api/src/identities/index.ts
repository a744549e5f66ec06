export { adoptIdentities, findIssuer, unknownIssuer } from "./issuers.ts";
export { presentInternalProviders, presentProviders } from "./present.ts";
export { signInByProof } from "./proofs.ts";
export { identityRoutes } from "./routes.ts";
export { signInSettingsRoutes } from "./settings.ts";
