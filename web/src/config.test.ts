import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readConfig } from "./config.ts";

const secret = "0123456789abcdef";

it("takes the secret from a file when one is named", () => {
  const directory = mkdtempSync(join(tmpdir(), "web-config-"));
  try {
    writeFileSync(join(directory, "secret"), `${secret}\n`);
    expect(readConfig({ INTERNAL_SECRET_FILE: join(directory, "secret") }).INTERNAL_SECRET).toBe(secret);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it("keeps of the public address its origin only, and of the api's no slash at the end", () => {
  const { PUBLIC_URL, API_INTERNAL_URL } = readConfig({
    INTERNAL_SECRET: secret,
    PUBLIC_URL: "https://claude.example.org/",
    API_INTERNAL_URL: "http://api:3001/",
  });
  expect([PUBLIC_URL, API_INTERNAL_URL]).toEqual(["https://claude.example.org", "http://api:3001"]);
});

it("names every variable that is wrong", () => {
  expect(() => readConfig({ WEB_PORT: "many", PUBLIC_URL: "localhost" })).toThrow(
    /WEB_PORT[\s\S]*INTERNAL_SECRET[\s\S]*PUBLIC_URL/,
  );
});

it("takes an empty variable for one that is not set", () => {
  expect(readConfig({ INTERNAL_SECRET: secret, WEB_PORT: "" }).WEB_PORT).toBe(3004);
});
