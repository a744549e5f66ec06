import { pathToFileURL } from "node:url";

/**
 * Runs a service for the supervisor: `node end-with-parent.mjs <script> [arguments]`. When the supervisor dies, even by
 * kill -9, its end of the channel closes, and the service ends as if asked to; by force if that takes too long. (Not
 * a `--import` flag: worker threads inherit those, and Next's compiler of `npm run dev` then waits for ever.)
 */
if (process.channel) {
  process.on("disconnect", () => {
    setTimeout(() => process.exit(1), 5000).unref();
    process.kill(process.pid, "SIGTERM");
  });
  // The channel alone must not keep a service alive.
  process.channel.unref();
}
process.argv.splice(1, 1);
await import(pathToFileURL(process.argv[1]).href);
