import { findKeeper } from "./keeper.ts";

/** For vitest's `globalSetup`: at the end of the run the shared server need not wait for more test files. */
export default function setup(): () => Promise<void> {
  return async () => {
    const keeper = await findKeeper();
    await keeper?.ask("end-when-empty");
    keeper?.close();
  };
}
