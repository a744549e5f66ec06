export { presentInternalProviders, presentProviders } from "./present.ts";
export { signInByProof } from "./proofs.ts";
