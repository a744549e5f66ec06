import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "ldapts";
import { directoryCa, directoryCertificate, directoryKey } from "./certificates.ts";

const program = "/usr/sbin/slapd";
/** Debian's package slapd. */
export const hasSlapd = existsSync(program);

export const suffix = "dc=example,dc=org";
export const rootDn = `cn=root,${suffix}`;
export const rootPassword = "the root of the directory";

export interface Directory {
  /** Plain, with StartTLS. */
  readonly url: string;
  /** With TLS from the start. */
  readonly secureUrl: string;
  readonly caFile: string;
  /** A certificate that did not sign the directory's. */
  readonly otherCaFile: string;
  /** As the root of the directory. */
  change(work: (client: Client) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

const configuration = (folder: string) => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile ${folder}/slapd.pid
TLSCACertificateFile ${folder}/ca.pem
TLSCertificateFile ${folder}/server.pem
TLSCertificateKeyFile ${folder}/server.key
database mdb
suffix "${suffix}"
rootdn "${rootDn}"
rootpw "${rootPassword}"
directory ${folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,${suffix}" read by anonymous auth by * none
overlay memberof
`;

/** A real directory, OpenLDAP's slapd, on loopback; empty but for its root. */
export async function startSlapd(otherCertificate: string): Promise<Directory> {
  const folder = await mkdtemp(join(tmpdir(), "rc-slapd-"));
  await mkdir(join(folder, "data"));
  const files = {
    "ca.pem": directoryCa,
    "other.pem": otherCertificate,
    "server.pem": directoryCertificate,
    "server.key": directoryKey,
    "slapd.conf": configuration(folder),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), `${text}\n`);
  const [port, securePort] = [await freePort(), await freePort()];
  const [url, secureUrl] = [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${securePort}`];
  // In the foreground, so that it ends with the test.
  const child = spawn(program, ["-h", `${url} ${secureUrl}`, "-f", join(folder, "slapd.conf"), "-d", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const change: Directory["change"] = async (work) => {
    const client = new Client({ url });
    try {
      await client.bind(rootDn, rootPassword);
      await work(client);
    } finally {
      await client.unbind();
    }
  };
  await untilUp(child, () => change(async () => {}));
  return {
    url,
    secureUrl,
    caFile: join(folder, "ca.pem"),
    otherCaFile: join(folder, "other.pem"),
    change,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilUp(child: ChildProcess, ask: () => Promise<void>): Promise<void> {
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const deadline = Date.now() + 20_000;
  for (;;) {
    const failed = await ask().then(
      () => null,
      (error: unknown) => error,
    );
    if (failed === null) return;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill();
      throw new Error(`slapd does not answer (${String(failed)}):\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface Person {
  readonly uid: string;
  readonly password: string;
  readonly mail?: string;
  readonly groups?: readonly string[];
}

/** People below ou=people, and groups of them below ou=groups, as `cn=reader` may read them. */
export async function fill(directory: Directory, people: readonly Person[]): Promise<void> {
  await directory.change(async (client) => {
    await client.add(suffix, {
      objectClass: ["dcObject", "organization"],
      dc: "example",
      o: "Example",
    });
    await client.add(`cn=reader,${suffix}`, {
      objectClass: ["organizationalRole", "simpleSecurityObject"],
      cn: "reader",
      userPassword: "reads",
    });
    for (const ou of ["people", "groups"]) {
      await client.add(`ou=${ou},${suffix}`, { objectClass: "organizationalUnit", ou });
    }
    for (const { uid, password, mail } of people) {
      await client.add(dnOf(uid), {
        objectClass: "inetOrgPerson",
        uid,
        cn: `${uid} of the directory`,
        sn: uid,
        userPassword: password,
        ...(mail === undefined ? {} : { mail }),
      });
    }
    for (const group of new Set(people.flatMap(({ groups = [] }) => groups))) {
      const members = people.filter(({ groups }) => groups?.includes(group)).map(({ uid }) => dnOf(uid));
      await client.add(`cn=${group},ou=groups,${suffix}`, {
        objectClass: "groupOfNames",
        cn: group,
        member: members,
      });
    }
  });
}

export const dnOf = (uid: string) => `uid=${uid.replaceAll(/[,+"\\<>;=*()]/g, "\\$&")},ou=people,${suffix}`;
