/**
 * Loaded into every service by the supervisor (`node --import`): when the supervisor dies, even by kill -9, its end
 * of the channel closes, and the service ends as if asked to; by force if that takes too long.
 */
if (process.channel) {
  process.on("disconnect", () => {
    setTimeout(() => process.exit(1), 5000).unref();
    process.kill(process.pid, "SIGTERM");
  });
  // The channel alone must not keep a service alive.
  process.channel.unref();
}
