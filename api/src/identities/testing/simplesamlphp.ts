import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { idpCertificate, idpKey } from "./certificates.ts";

const program = "/usr/bin/php";
const pages = "/usr/share/simplesamlphp/www";
/** Debian's packages simplesamlphp, php-cli and php-xml. */
export const hasSimpleSaml = existsSync(program) && existsSync(pages);

/** Somebody whom the identity provider knows, by the name that its form asks for. */
export interface Employee {
  readonly password: string;
  readonly email: string;
  readonly groups: readonly string[];
}

export interface ServiceProvider {
  /** Ours, as we give it to an identity provider. */
  readonly metadata: string;
  /** Whether it closes its assertions for us. */
  readonly encrypt?: boolean;
}

export interface SimpleSaml {
  readonly entityId: string;
  readonly metadataUrl: string;
  readonly signInUrl: string;
  readonly signOutUrl: string;
  /** Takes a service provider in, instead of the one before. */
  trust(provider: ServiceProvider): Promise<void>;
  stop(): Promise<void>;
}

/** SimpleSAMLphp, an identity provider that is not ours in any part, on loopback. */
export async function startSimpleSaml(people: Readonly<Record<string, Employee>>): Promise<SimpleSaml> {
  const folder = await mkdtemp(join(tmpdir(), "rc-simplesaml-"));
  for (const name of ["cert", "config", "data", "log", "metadata", "sessions", "temp"]) {
    await mkdir(join(folder, name));
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const entityId = `${url}/saml2/idp/metadata.php`;
  const files = {
    "cert/idp.pem": idpKey,
    "cert/idp.crt": idpCertificate,
    "config/config.php": configuration(folder, `${url}/`),
    "config/authsources.php": accounts(people),
    "metadata/saml20-idp-hosted.php": identityProvider(entityId),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), `${text}\n`);
  // What was compiled is looked at anew every two seconds, and by the second: a change of ours would come late.
  const settings = ["opcache.enable=0", "display_errors=0", "error_reporting=0"].flatMap((one) => [
    "-d",
    one,
  ]);
  const child = spawn(program, [...settings, "-S", `127.0.0.1:${port}`, "-t", pages], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: join(folder, "config") },
  });
  await untilUp(child, entityId);
  return {
    entityId,
    metadataUrl: entityId,
    signInUrl: `${url}/saml2/idp/SSOService.php`,
    signOutUrl: `${url}/saml2/idp/SingleLogoutService.php`,
    async trust({ metadata, encrypt = true }) {
      await writeFile(join(folder, "metadata/sp.xml"), metadata);
      await writeFile(join(folder, "metadata/saml20-sp-remote.php"), serviceProvider(folder, encrypt));
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A value in PHP. */
function php(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(php).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `[${Object.entries(value)
      .map(([key, one]) => `${php(key)} => ${php(one)}`)
      .join(", ")}]`;
  }
  if (typeof value === "string") return `'${value.replaceAll(/['\\]/g, "\\$&")}'`;
  return String(value);
}

const configuration = (folder: string, url: string) => `<?php
$config = ${php({
  baseurlpath: url,
  certdir: `${folder}/cert/`,
  loggingdir: `${folder}/log/`,
  datadir: `${folder}/data/`,
  tempdir: `${folder}/temp`,
  metadatadir: `${folder}/metadata/`,
  attributenamemapdir: "/etc/simplesamlphp/attributemap/",
  timezone: "UTC",
  secretsalt: "the salt of the identity provider",
  "auth.adminpassword": "nobody administers it",
  "enable.saml20-idp": true,
  "module.enable": { exampleauth: true, core: true, saml: true },
  "session.cookie.secure": false,
  "session.phpsession.savepath": `${folder}/sessions`,
  "store.type": "phpsession",
  "logging.handler": "file",
  "language.available": ["en"],
  "metadata.sources": [{ type: "flatfile" }],
})};`;

const accounts = (people: Readonly<Record<string, Employee>>) => `<?php
$config = ${php({
  employees: {
    0: "exampleauth:UserPass",
    ...Object.fromEntries(
      Object.entries(people).map(([name, { password, email, groups }]) => [
        `${name}:${password}`,
        { uid: [name], email: [email], groups: [...groups] },
      ]),
    ),
  },
})};`;

/** It wants requests and sign-outs signed, and signs its own. */
const identityProvider = (entityId: string) => `<?php
$metadata[${php(entityId)}] = ${php({
  host: "__DEFAULT__",
  privatekey: "idp.pem",
  certificate: "idp.crt",
  auth: "employees",
  NameIDFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  "validate.authnrequest": true,
  "validate.logout": true,
  "sign.logout": true,
  authproc: {
    3: {
      class: "saml:AttributeNameID",
      attribute: "uid",
      Format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    },
  },
})};`;

/** What its own parser reads from our metadata. */
const serviceProvider = (folder: string, encrypt: boolean) => `<?php
$xml = file_get_contents(${php(`${folder}/metadata/sp.xml`)});
foreach (\\SimpleSAML\\Metadata\\SAMLParser::parseDescriptorsString($xml) as $id => $parsed) {
  $metadata[$id] = ${php({
    "assertion.encryption": encrypt,
    sharedkey_algorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    NameIDFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  })} + $parsed->getMetadata20SP();
}`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilUp(child: ChildProcess, url: string): Promise<void> {
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const deadline = Date.now() + 60_000;
  for (;;) {
    const status = await fetch(url).then(
      async (answer) => answer.body?.cancel().then(() => answer.status),
      (error: unknown) => String(error),
    );
    if (status === 200) return;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill();
      throw new Error(`SimpleSAMLphp does not answer (${status}):\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A browser at the identity provider: keeps its cookies, and follows where it leads as long as it is there. */
export class EmployeeBrowser {
  readonly #cookies = new Map<string, string>();

  /** What the form to us holds, after the name and the password; `address` is where we sent the browser. */
  async signIn(
    address: string,
    name: string,
    password: string,
  ): Promise<{ action: string; response: string }> {
    let page = await this.ask(address);
    if (page.text.includes('name="password"')) {
      const state = fieldOf(page.text, "AuthState");
      page = await this.ask(page.url, new URLSearchParams({ username: name, password, AuthState: state }));
    }
    const action = decode(/<form[^>]*action="([^"]+)"/.exec(page.text)?.[1] ?? "");
    return { action, response: fieldOf(page.text, "SAMLResponse") };
  }

  /** Asks, and goes along; `away` is the first address that is somebody else's, not asked. */
  async ask(
    address: string,
    form?: URLSearchParams,
  ): Promise<{ url: string; text: string; away: string | null }> {
    let body = form;
    let url = address;
    for (let hops = 0; hops < 10; hops += 1) {
      const answer = await fetch(url, {
        method: body === undefined ? "GET" : "POST",
        redirect: "manual",
        headers: { cookie: [...this.#cookies].map((pair) => pair.join("=")).join("; ") },
        ...(body === undefined ? {} : { body }),
      });
      for (const line of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        this.#cookies.set(name, value);
      }
      const text = await answer.text();
      const location = answer.headers.get("location");
      if (location === null) return { url, text, away: null };
      const next = new URL(location, url);
      if (next.origin !== new URL(url).origin) return { url, text, away: next.href };
      [url, body] = [next.href, undefined];
    }
    throw new Error(`${address} leads nowhere`);
  }
}

const decode = (html: string) =>
  html
    .replaceAll("&quot;", '"')
    .replaceAll(/&#0?39;/g, "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

function fieldOf(page: string, name: string): string {
  const tag = new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(page)?.[0] ?? "";
  return decode(/value="([^"]*)"/.exec(tag)?.[1] ?? "");
}
