import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { makeCertificate } from "../../egress/src/testing/certificate.ts";
import { docker } from "./stack.ts";

/** A repository with one commit, as `git ls-remote` sees it. */
export const standInCommit = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

/** Runs in the container: http and https, the same answers on both. */
const program = `
const answer = (request, response) => {
  const packet = (text) => (text.length + 4).toString(16).padStart(4, "0") + text;
  if (request.url.startsWith("/-/ping")) return response.end("{}");
  if (!request.url.includes("/info/refs")) return response.end("public at " + request.url);
  response.setHeader("content-type", "application/x-git-upload-pack-advertisement");
  response.end(packet("# service=git-upload-pack\\n") + "0000"
    + packet(process.env.COMMIT + " HEAD\\0agent=stand-in\\n") + packet(process.env.COMMIT + " refs/heads/main\\n") + "0000");
};
require("node:http").createServer(answer).listen(80);
require("node:https").createServer({ key: process.env.KEY, cert: process.env.CERT }, answer).listen(443);
`;

/**
 * A host of the public internet, as far as egress can tell: it has an address that is nobody's private one and none of
 * this machine's, on a network that the engine makes for it. Nothing leaves this machine.
 */
export class PublicStandIn {
  readonly host: string;
  /** Of 93.184.0.0/16, whose owner we will not need meanwhile; a third number of its own, as several may run. */
  readonly #network = `93.184.${randomInt(1, 255)}`;
  readonly address = `${this.#network}.34`;
  readonly certificate: { readonly key: string; readonly cert: string };
  readonly #name = `rc-e2e-public-${this.#network.replaceAll(".", "-")}`;

  constructor(host: string) {
    this.host = host;
    this.certificate = makeCertificate(host);
  }

  async open(): Promise<void> {
    await docker("network", "create", "--subnet", `${this.#network}.0/24`, this.#name);
    const { key, cert } = this.certificate;
    const environment = { KEY: key, CERT: cert, COMMIT: standInCommit };
    await docker(
      ...["run", "--detach", "--rm", "--name", this.#name, "--network", this.#name, "--ip", this.address],
      ...Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ...["--entrypoint", "node", "remote-claude/session", "--eval", program],
    );
    for (let tries = 0; ; tries += 1) {
      const said = await fetch(`http://${this.address}/here`).then(
        (answer) => answer.text(),
        (error: unknown) => String(error),
      );
      if (said === "public at /here") return;
      if (tries === 200) throw new Error(`the public stand-in does not answer: ${said}`);
      await delay(50);
    }
  }

  async close(): Promise<void> {
    await docker("rm", "--force", this.#name).catch(() => undefined);
    await docker("network", "rm", this.#name).catch(() => undefined);
  }
}
