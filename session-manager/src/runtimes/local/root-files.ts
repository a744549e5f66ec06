import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { insidePlace } from "@remote-claude/protocol";

/** The name programs in a session see as theirs. */
export const insideUser = "claude";
export const insideHostname = "session";

/** What a session may read of the host's /etc: how programs are set up, and nothing about people or the network. */
export const hostEtc = [
  "alternatives",
  "bash.bashrc",
  "bashrc",
  "ca-certificates",
  "ca-certificates.conf",
  "crypto-policies",
  "debian_version",
  "fonts",
  "inputrc",
  "java",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "lsb-release",
  "magic",
  "mime.types",
  "os-release",
  "perl",
  "pki/ca-trust",
  "pki/tls",
  "profile",
  "protocols",
  "python3",
  "services",
  "shells",
  "ssl/cert.pem",
  "ssl/certs",
  "ssl/openssl.cnf",
  "terminfo",
  "timezone",
  "vim",
] as const;

/** Where programs are looked for. First what a session installed for itself, then what comes with it. */
export const insidePath = [
  `${insidePlace.home}/.local/bin`,
  "/opt/remote-claude/bin",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
].join(":");

/** Login shells read /etc/profile, which on most distributions sets PATH anew. */
const profileScript = `case ":$PATH:" in
  *:/opt/remote-claude/bin:*) ;;
  *) PATH="${insidePlace.home}/.local/bin:/opt/remote-claude/bin:$PATH" ;;
esac
export PATH
`;

/** Writes the files of /etc that are made for a session, and answers their names below /etc. */
export function writeSynthesizedEtc(directory: string, userId: number): string[] {
  const { home } = insidePlace;
  const files: Record<string, string> = {
    passwd: [
      "root:x:0:0:root:/root:/usr/sbin/nologin",
      `${insideUser}:x:${userId}:${userId}:Claude:${home}:/bin/bash`,
      "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
      "",
    ].join("\n"),
    group: ["root:x:0:", "tty:x:5:", `${insideUser}:x:${userId}:`, "nogroup:x:65534:", ""].join("\n"),
    hosts: `127.0.0.1 localhost ${insideHostname}\n::1 localhost\n`,
    hostname: `${insideHostname}\n`,
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
    "profile.d/remote-claude.sh": profileScript,
  };
  mkdirSync(join(directory, "profile.d"), { recursive: true });
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(directory, name), text, { mode: 0o644 });
  return Object.keys(files);
}

/** The host's own scripts for login shells, as paths below /etc. */
export function hostProfileScripts(): string[] {
  try {
    return readdirSync("/etc/profile.d").map((name) => `profile.d/${name}`);
  } catch {
    return [];
  }
}
