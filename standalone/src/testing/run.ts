/** `node run.ts <root>`: the supervisor as main.ts runs it, on another folder of services. */
import { endWithFailure, runSupervisor } from "../run.ts";

try {
  await runSupervisor(process.argv[2] ?? "");
} catch (error) {
  endWithFailure(error);
}
