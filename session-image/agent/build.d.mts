/** Bundles the agent into `outDirectory` (default: dist beside build.mjs); answers where the agent is. */
export function buildAgent(options?: {
  outDirectory?: string;
}): Promise<{ entry: string; directory: string }>;
