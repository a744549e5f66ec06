import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { idpCertificate, spCertificate, spKey } from "../api/src/identities/testing/certificates.ts";
import {
  hasSimpleSaml,
  type SimpleSaml,
  startSimpleSaml,
} from "../api/src/identities/testing/simplesamlphp.ts";
import { type Directory, fill, hasSlapd, startSlapd, suffix } from "../api/src/identities/testing/slapd.ts";
import { codeOf as codeOfApp } from "./testing/authenticator.ts";
import { launchBrowser, picture } from "./testing/browser.ts";
import { adminEmail, freePort, Product } from "./testing/product.ts";
import { githubClient, startGithub } from "./testing/providers/github.ts";
import { codeOf, type Flaw, hostileClient, startHostileOidc } from "./testing/providers/hostile-oidc.ts";
import type { Running } from "./testing/providers/listen.ts";
import { oidcClient, startOidc } from "./testing/providers/oidc.ts";
import { employees, hubbers, people } from "./testing/providers/people.ts";
import { Visitor } from "./testing/providers/visitor.ts";

let product: Product;
let browser: Browser;
let hostileIssuer: string;
let oidcIssuer: string;
let directory: Directory | null = null;
let saml: SimpleSaml | null = null;
const running: Running[] = [];

beforeAll(async () => {
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const [oidc, hostile, github] = await Promise.all([
    startOidc(publicUrl, people),
    startHostileOidc(),
    startGithub(publicUrl, hubbers),
  ]);
  running.push(oidc, hostile, github);
  if (hasSimpleSaml) saml = await startSimpleSaml(employees);
  if (hasSlapd) {
    directory = await startSlapd(idpCertificate);
    await fill(directory, [
      { uid: "dorothy", password: "vaughan", mail: "dorothy@example.org", groups: ["dev"] },
    ]);
  }
  hostileIssuer = hostile.issuer;
  oidcIssuer = oidc.issuer;
  const providers = join(tmpdir(), `rc-providers-${port}.json`);
  const further = [
    {
      id: "hostile",
      name: "Hostile",
      issuer: hostileIssuer,
      clientId: hostileClient.id,
      clientSecret: hostileClient.secret,
    },
  ];
  await writeFile(providers, JSON.stringify(further), { mode: 0o644 });
  [product, browser] = await Promise.all([
    Product.start({
      port,
      environment: {
        ALLOWED_DOMAINS: "example.org",
        ROLE_MAPPING: "admin=ops;member=dev|Acme",
        OIDC_ISSUER: oidc.issuer,
        OIDC_CLIENT_ID: oidcClient.id,
        OIDC_CLIENT_SECRET: oidcClient.secret,
        OIDC_NAME: "Example",
        OIDC_SCOPES: "openid email profile groups",
        OIDC_GROUPS_CLAIM: "groups",
        OIDC_PROVIDERS_FILE: providers,
        GITHUB_CLIENT_ID: githubClient.id,
        GITHUB_CLIENT_SECRET: githubClient.secret,
        GITHUB_ORGANISATIONS: "acme",
        GITHUB_URL: github.url,
        ...samlSettings(),
        ...directorySettings(),
      },
    }),
    launchBrowser(),
  ]);
  // Each is given what the other says of itself.
  await saml?.trust({ metadata: await (await fetch(`${publicUrl}/api/auth/saml/metadata`)).text() });
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await Promise.all(running.map((one) => one.close()));
  await directory?.stop();
  await saml?.stop();
});

function samlSettings(): Record<string, string> {
  if (saml === null) return {};
  return {
    SAML_METADATA_URL: saml.metadataUrl,
    SAML_PRIVATE_KEY: spKey,
    SAML_CERTIFICATE: spCertificate,
    SAML_NAME: "Employees",
    SAML_GROUPS_ATTRIBUTE: "groups",
  };
}

function directorySettings(): Record<string, string> {
  if (directory === null) return {};
  return {
    LDAP_URL: directory.secureUrl,
    LDAP_CA_FILE: directory.caFile,
    LDAP_BIND_DN: `cn=reader,${suffix}`,
    LDAP_BIND_PASSWORD: "reads",
    LDAP_BASE_DN: `ou=people,${suffix}`,
    LDAP_GROUP_BASE_DN: `ou=groups,${suffix}`,
    LDAP_NAME: "your Example account",
  };
}

const userOf = async (email: string) => (await product.database()).user.findUnique({ where: { email } });

/** From the sign-in page to the provider's form and back. */
async function signInAs(page: Page, account: string): Promise<void> {
  await page.goto(`${product.url}/sign-in?callbackUrl=/settings`);
  await page.getByRole("button", { name: "Continue with Example" }).click();
  await page.getByLabel("Account").fill(account);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Presses until it shows: a press before the page has come alive goes nowhere. */
async function pressFor(button: Locator, result: Locator): Promise<void> {
  await vi.waitFor(
    async () => {
      if (await result.isVisible()) return;
      await button.click({ timeout: 2_000 });
      await result.waitFor({ timeout: 2_000 });
    },
    { timeout: 30_000, interval: 100 },
  );
}

async function freshPage(): Promise<Page> {
  const context = await browser.newContext();
  return context.newPage();
}

describe("OpenID Connect, at a certified provider", () => {
  it("signs somebody new in, with the role of their groups, where they wanted to go", async () => {
    const page = await freshPage();
    await signInAs(page, "ada");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/settings");
    await page.getByText("ada@example.org").first().waitFor();
    expect(await userOf("ada@example.org")).toMatchObject({ role: "admin", name: "Ada Lovelace" });
    await page.goto(`${product.url}/sign-in`);
    await page.waitForURL(`${product.url}/`);
    await page.context().close();
  });

  it.each([
    ["an unverified address", "unverified", "has not verified your e-mail address"],
    ["an address of another domain", "elsewhere", "Addresses of this domain may not sign in here"],
    ["none of the groups", "cook", "You are in none of the groups"],
  ])("refuses somebody with %s, in words", async (_, account, words) => {
    const page = await freshPage();
    await signInAs(page, account);
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    expect(await userOf(people.get(account)?.email ?? "")).toBeNull();
    await page.context().close();
  });

  it("refuses who was disabled, and who lost their groups", async () => {
    const page = await freshPage();
    await signInAs(page, "charles");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await page.context().clearCookies({ domain: "localhost" });
    people.set("charles", { email: "charles@example.org", groups: [] });
    await page.goto(`${product.url}/sign-in`);
    await page.getByRole("button", { name: "Continue with Example" }).click();
    await page.getByRole("alert").filter({ hasText: "none of the groups" }).waitFor();
    people.set("charles", { email: "charles@example.org", groups: ["dev"] });
    const db = await product.database();
    await db.user.update({ where: { email: "charles@example.org" }, data: { status: "disabled" } });
    await page.getByRole("button", { name: "Continue with Example" }).click();
    await page.getByRole("alert").filter({ hasText: "Your account is disabled" }).waitFor();
    await picture(page, "sign-in-refused");
    await page.context().close();
  });
});

describe("OpenID Connect, when somebody signs out at the provider", () => {
  it("ends what was signed in by that session here, and the open pages of it", async () => {
    const page = await freshPage();
    await signInAs(page, "ada");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    const elsewhere = await freshPage();
    await signInAs(elsewhere, "ada");
    await elsewhere.getByRole("heading", { name: "Settings" }).waitFor();
    const status = (one: Page) =>
      one.request.get(`${product.url}/api/auth/user`).then((answer) => answer.status());
    expect([await status(page), await status(elsewhere)]).toEqual([200, 200]);
    // In another tab of the same browser.
    const there = await page.context().newPage();
    await there.goto(`${oidcIssuer}/session/end`);
    await there.getByRole("button", { name: "Yes, sign me out" }).click();
    await vi.waitFor(async () => expect(await status(page)).toBe(401), { timeout: 30_000 });
    expect(await status(elsewhere)).toBe(200);
    // The open page went by itself; closed on its way there, the browser would hang.
    await page.getByRole("button", { name: "Continue with Example" }).waitFor();
    await page.context().close();
    await elsewhere.context().close();
  });
});

describe("OpenID Connect, at a provider that lies", () => {
  /** What the provider gives to whoever was sent to it with these. */
  const codeFor = (asked: URLSearchParams, claims: Record<string, unknown> = {}, flaw: Flaw = "none") =>
    codeOf({
      flaw,
      nonce: asked.get("nonce") ?? "",
      challenge: flaw === "verifier" ? "another" : (asked.get("code_challenge") ?? ""),
      claims,
    });
  const stateOf = (asked: URLSearchParams) => asked.get("state") ?? "";

  /** Everything a browser would do, but for the provider's page. */
  async function comeBack(flaw: Flaw, claims: Record<string, unknown> = {}, state?: string) {
    const visitor = new Visitor(product.url);
    const { searchParams } = await visitor.begin("hostile");
    const code = codeFor(searchParams, claims, flaw);
    const query = new URLSearchParams({ code, state: state ?? stateOf(searchParams) });
    const answer = await visitor.ask(`/auth/callback/hostile?${query}`);
    return { who: await visitor.who(), location: answer.headers.get("location") ?? "", searchParams };
  }

  it("asks with PKCE, state and nonce, and believes what is right", async () => {
    const { who, searchParams } = await comeBack("none", { sub: "honest", email: "honest@example.org" });
    expect(searchParams.get("code_challenge_method")).toBe("S256");
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(searchParams.get(name)?.length, name).toBeGreaterThan(20);
    }
    // The mapping knows groups, and this provider names none.
    expect(who).toBe("honest@example.org");
  });

  it.each([
    "nonce",
    "issuer",
    "audience",
    "signature",
    "unsigned",
    "expired",
    "subject",
    "verifier",
  ] as const)("refuses a token with a wrong %s", async (flaw) => {
    const { who, location } = await comeBack(flaw);
    expect(who).toBeNull();
    expect(location).toMatch(/\/sign-in\?error=|\/auth\/error\?error=/);
    expect(await userOf("mallory@example.org")).toBeNull();
  });

  it("refuses a wrong state, and a code that another browser began with", async () => {
    expect((await comeBack("none", {}, "another")).who).toBeNull();
    const begun = new Visitor(product.url);
    const { searchParams } = await begun.begin("hostile");
    const other = new Visitor(product.url);
    const query = new URLSearchParams({ code: codeFor(searchParams), state: stateOf(searchParams) });
    await other.ask(`/auth/callback/hostile?${query}`);
    expect(await other.who()).toBeNull();
  });

  it("refuses what it says to a browser that began at another provider", async () => {
    const visitor = new Visitor(product.url);
    const { searchParams } = await visitor.begin("oidc");
    const code = codeFor(searchParams, { sub: "honest", email: "honest@example.org" });
    const query = new URLSearchParams({ code, state: stateOf(searchParams), iss: hostileIssuer });
    for (const provider of ["hostile", "oidc"]) {
      await visitor.ask(`/auth/callback/${provider}?${query}`);
      expect(await visitor.who(), provider).toBeNull();
    }
  });

  it("leads nowhere but to our own pages", async () => {
    const ours = new URL(product.url);
    for (const elsewhere of [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "/%09/evil.example",
      "/.//evil.example",
      "javascript:alert(1)",
      `${ours.origin}.evil.example`,
      `${ours.origin}@evil.example`,
      `${ours.protocol}//${ours.hostname}:1`,
    ]) {
      const visitor = new Visitor(product.url);
      // What is no address of the web at all is refused before it begins.
      const begun = await visitor.begin("hostile", elsewhere).catch(() => null);
      if (begun === null) {
        expect(await visitor.who()).toBeNull();
        continue;
      }
      const { searchParams } = begun;
      const code = codeFor(searchParams, { sub: "honest", email: "honest@example.org" });
      const query = new URLSearchParams({ code, state: stateOf(searchParams) });
      const answer = await visitor.ask(`/auth/callback/hostile?${query}`);
      const location = new URL(answer.headers.get("location") ?? "/", product.url);
      expect(location.origin, elsewhere).toBe(product.url);
    }
  });
});

describe("GitHub", () => {
  const signInAt = async (page: Page, login: string) => {
    await page.goto(`${product.url}/sign-in`);
    await page.getByRole("button", { name: "Continue with GitHub" }).click();
    await page.getByLabel("Username").fill(login);
    await page.getByRole("button", { name: "Authorize" }).click();
  };

  it("signs in members of the organisation, by their primary verified address", async () => {
    const page = await freshPage();
    await signInAt(page, "grace");
    await page.waitForURL(`${product.url}/`);
    expect(await userOf("grace@example.org")).not.toBeNull();
    await page.context().close();
  });

  it.each([
    ["is in another organisation", "mallory", "Only members of the organisation"],
    ["has an address that GitHub has not verified", "pretender", "did not say your e-mail address"],
  ])("refuses who %s", async (_, login, words) => {
    const page = await freshPage();
    await signInAt(page, login);
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    await page.context().close();
  });
});

describe.skipIf(!hasSimpleSaml)("SAML, at SimpleSAMLphp", () => {
  it("signs in by an encrypted assertion, and out at the provider too", async () => {
    const page = await freshPage();
    const leave = async () => {
      await page.goto(`${product.url}/sign-in?callbackUrl=/settings`);
      await page.getByRole("button", { name: "Continue with Employees" }).click();
    };
    await leave();
    await page.locator("#username").fill("katherine");
    await page.locator("#password").fill("johnson");
    await page.locator("#password").press("Enter");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    expect(await userOf("katherine@example.org")).toMatchObject({ role: "member" });
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Continue with Employees" }).waitFor();
    expect((await page.request.get(`${product.url}/api/auth/user`)).status()).toBe(401);
    // There, too: it asks for the password again.
    await leave();
    await page.locator("#password").waitFor();
    await page.context().close();
  });
});

describe.skipIf(!hasSlapd)("LDAP", () => {
  it("signs in with the form, which says whose account is meant", async () => {
    const page = await freshPage();
    await page.goto(`${product.url}/sign-in`);
    await page.getByText("Use your Example account.").waitFor();
    await page.getByLabel("User name").fill("dorothy");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: "user name or the password is wrong" }).waitFor();
    await page.getByLabel("Password").fill("vaughan");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(`${product.url}/`);
    expect(await userOf("dorothy@example.org")).toMatchObject({ role: "member" });
    await page.context().close();
  });
});

describe("an account with a password", () => {
  async function signInWithPassword(page: Page): Promise<void> {
    await page.goto(`${product.url}/sign-in?callbackUrl=/settings`);
    // Whoever did so before finds this form first.
    const other = page.getByRole("button", { name: "Use an account of this installation instead" });
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    await pressFor(other, page.getByLabel("E-mail"));
    await page.getByLabel("E-mail").fill(adminEmail);
    await page.getByLabel("Password").fill(product.adminPassword);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  }

  it("is not sent by a page whose scripts do not run yet, and its password never stands in an address", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
    await page.goto(`${product.url}/sign-in?callbackUrl=/settings`);
    expect(await page.getByRole("button", { name: "Sign in", exact: true }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Continue with Example" }).isDisabled()).toBe(true);
    await page.getByLabel("Password").fill("spoken too soon");
    await page.getByLabel("Password").press("Enter");
    // What a program that fills forms in may do: sends it all the same.
    await page.getByRole("form", { name: "Sign in" }).evaluate((form: HTMLFormElement) => form.submit());
    await page.getByLabel("Password").waitFor();
    expect(asked.filter((one) => one.startsWith("POST "))).toHaveLength(1);
    expect(asked.filter((one) => one.includes("spoken"))).toEqual([]);
    expect(page.url()).toBe(`${product.url}/sign-in?callbackUrl=/settings`);
    await context.close();
  });

  it("gets a second factor in the settings, and asks for it from then on", async () => {
    const page = await freshPage();
    await signInWithPassword(page);
    const code = page.getByRole("img", { name: "The secret as a QR code" });
    await pressFor(page.getByRole("button", { name: "Set up" }), code);
    const secret = (await page.locator("code.select-all").textContent()) ?? "";
    await page.getByRole("textbox", { name: "Code" }).fill(codeOfApp(secret));
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.getByRole("heading", { name: "Keep your recovery codes" }).waitFor();
    const recovery = (await page.getByRole("dialog").getByRole("listitem").first().textContent()) ?? "";
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByText("10 of your recovery codes are left.").waitFor();
    await page.context().clearCookies();
    await signInWithPassword(page);
    await page.getByRole("textbox", { name: "Code" }).fill(recovery);
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("9 of your recovery codes are left.").waitFor();

    const begun = await fetch(`${product.url}/api/oauth/device`, {
      method: "POST",
      body: new URLSearchParams({ client_id: "rclaude", scope: "sessions:read" }),
    });
    const device = (await begun.json()) as { device_code: string; verification_uri_complete: string };
    await page.goto(device.verification_uri_complete);
    const asked = page.getByText("List your sessions and look at them");
    await pressFor(page.getByRole("button", { name: "Continue" }), asked);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText("Allowed. Go back to your device.").waitFor();
    const token = await fetch(`${product.url}/api/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: device.device_code,
        client_id: "rclaude",
      }),
    });
    expect(await token.json()).toMatchObject({ token_type: "Bearer", scope: "sessions:read" });
    await page.context().close();
  });

  it("is made by an invitation's link", async () => {
    const inviter = await freshPage();
    await signInAs(inviter, "ada");
    await inviter.getByRole("heading", { name: "Settings" }).waitFor();
    const made = await inviter.request.post(`${product.url}/api/invitations`, {
      data: { email: "invited@example.org", role: "auditor" },
      headers: { origin: product.url },
    });
    const { link } = (await made.json()) as { link: string };
    const page = await freshPage();
    await page.goto(link);
    await page.getByText("You are invited as invited@example.org").waitFor();
    expect(page.url()).not.toContain("#");
    await page.getByLabel("Your name").fill("Invited");
    await page.getByLabel("Choose a password").fill("a long enough password");
    await page.getByRole("button", { name: "Make your account" }).click();
    await page.waitForURL(`${product.url}/`);
    expect(await userOf("invited@example.org")).toMatchObject({ role: "auditor" });
    await page.context().close();
    await inviter.context().close();
  });
});

describe("a sign-in page that comes while the api starts anew", () => {
  it("says so, and offers every way to sign in by itself when it has", async () => {
    const page = await freshPage();
    await product.kill("api");
    await page.goto(`${product.url}/sign-in`);
    await page.getByRole("button", { name: "Continue with Example" }).waitFor({ timeout: 60_000 });
    await page.getByText("The server is not ready yet").waitFor({ state: "detached" });
    await page.context().close();
  });
});
