import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Config } from "./config.ts";
import { ensureGitConfig, ensureSshNotice } from "./git-config.ts";
import { ripgrepPath } from "./lib/ripgrep.ts";

const standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Egress swaps it for the real key; here it only keeps clients from asking for one. */
const placeholderToken = "remote-claude-adds-the-real-key-outside-the-session";

/** Inherited names that would override or undo what is set here. npm's prefix is the runtime's own word. */
const dropped =
  /^(ANTHROPIC_|CLAUDE_|GIT_|NODE_OPTIONS$|NODE_ENV$|PWD$|OLDPWD$|SHLVL$|_$|TERM$|COLUMNS$|LINES$|npm_|NPM_CONFIG_(?!PREFIX$))/;

/**
 * What shells, commands, git and Claude Code see. All ways out lead to the forwarder's port; no key is among
 * them, only a token that is worth nothing.
 */
export function sessionEnvironment(config: Config, egressPort: number): Readonly<Record<string, string>> {
  const inherited = Object.entries(config.inheritedEnvironment).filter(([name]) => !dropped.test(name));
  const origin = `http://127.0.0.1:${egressPort}`;
  const noProxy = "localhost,127.0.0.1,::1";
  return Object.freeze({
    ...Object.fromEntries(inherited),
    HOME: config.home,
    PATH: searchPath(config),
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    SHELL: existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh",
    HTTP_PROXY: origin,
    HTTPS_PROXY: origin,
    http_proxy: origin,
    https_proxy: origin,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    NODE_USE_ENV_PROXY: "1",
    // The system's Python is out of reach, so there is nothing for pip to break: it installs into the home.
    PIP_BREAK_SYSTEM_PACKAGES: "1",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    GIT_CONFIG_SYSTEM: ensureGitConfig(config, origin),
    GIT_SSH_COMMAND: ensureSshNotice(config, origin),
    ANTHROPIC_BASE_URL: origin,
    ANTHROPIC_AUTH_TOKEN: placeholderToken,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_TELEMETRY: "1",
  });
}

/** The session's own programs come first, the agent's node and rg last: they only fill what is missing. */
function searchPath(config: Config): string {
  const inherited = config.inheritedEnvironment.PATH ?? standardPath;
  const added = [dirname(process.execPath), dirname(ripgrepPath())];
  const parts = [join(config.home, ".local/bin"), ...inherited.split(delimiter), ...added];
  return [...new Set(parts.filter((part) => part.startsWith("/")))].join(delimiter);
}
