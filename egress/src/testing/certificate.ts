import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";

/** A key and a certificate that it signed itself, as PEM: for a server of a test, and for those who are to trust it. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** DER by hand: Node makes keys, but no certificates. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), body]);
}
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const text = (tag: number, value: string) => der(tag, Buffer.from(value, "latin1"));
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const commonName = (name: string) => sequence(der(0x31, sequence(oid("550403"), text(0x0c, name))));

/** For these host names and IPv4 addresses, from 2020 to 2049. */
export function makeCertificate(...hosts: readonly string[]): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = hosts.map((host) =>
    isIPv4(host) ? der(0x87, Buffer.from(host.split(".").map(Number))) : text(0x82, host),
  );
  const alternativeNames = sequence(oid("551d11"), der(0x04, sequence(...names)));
  const name = commonName(hosts[0] ?? "test");
  const content = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(text(0x17, "200101000000Z"), text(0x17, "491231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(alternativeNames)),
  );
  const signature = createSign("sha256").update(content).sign(privateKey);
  const whole = sequence(content, ecdsaWithSha256, der(0x03, Buffer.of(0), signature));
  const lines = whole
    .toString("base64")
    .replace(/(.{64})/g, "$1\n")
    .trim();
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
