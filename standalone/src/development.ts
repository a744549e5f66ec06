import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildContext, BuildOptions, PluginBuild } from "esbuild";
import type { Terminal } from "./terminal.ts";

interface DevelopmentOptions {
  readonly root: string;
  readonly terminal: Terminal;
  readonly restart: (service: string, how: "gently" | "abruptly") => void;
}

const watched = ["egress", "session-manager", "api"];

/**
 * `npm run dev`: bundles each service again when its sources change, and restarts it. The pages reload by
 * themselves (`next dev`). session-manager ends abruptly, since asked to end it would end the sessions.
 */
export async function startDevelopment(options: DevelopmentOptions): Promise<{ stop(): Promise<void> }> {
  const { context } = await import("esbuild");
  // Found at run time: the bundle of the supervisor must not hold the build.
  const script = pathToFileURL(join(options.root, "scripts/lib/bundle.mjs")).href;
  const { bundleOptions } = (await import(script)) as {
    bundleOptions(root: string, service: string): BuildOptions;
  };
  const contexts: BuildContext[] = [];
  for (const service of watched) {
    const build = bundleOptions(options.root, service);
    const first = Promise.withResolvers<void>();
    const plugins = [
      ...(build.plugins ?? []),
      { name: "restart", setup: onBuilt(service, options, first.resolve) },
    ];
    const made = await context({ ...build, plugins });
    await made.watch();
    await first.promise;
    contexts.push(made);
  }
  return {
    stop: async () => {
      await Promise.all(contexts.map((made) => made.dispose()));
    },
  };
}

function onBuilt(service: string, { terminal, restart }: DevelopmentOptions, firstBuilt: () => void) {
  return (build: PluginBuild) => {
    let builds = 0;
    build.onEnd(({ errors }) => {
      builds += 1;
      for (const { text, location } of errors) {
        terminal.say(
          `✖ ${service}: ${location === null ? "" : `${location.file}:${location.line}: `}${text}`,
        );
      }
      if (builds === 1) firstBuilt();
      else if (errors.length === 0) {
        terminal.say(`● ${service} changed; starting it again`);
        restart(service, service === "session-manager" ? "abruptly" : "gently");
      }
    });
  };
}
