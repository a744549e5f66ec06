import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, picture } from "./testing/browser.ts";
import { freePort, Product } from "./testing/product.ts";
import { type GithubAccount, githubClient, startGithub } from "./testing/providers/github.ts";
import { codeOf, type Flaw, hostileClient, startHostileOidc } from "./testing/providers/hostile-oidc.ts";
import type { Running } from "./testing/providers/listen.ts";
import { type OidcAccount, oidcClient, startOidc } from "./testing/providers/oidc.ts";
import { Visitor } from "./testing/providers/visitor.ts";

let product: Product;
let browser: Browser;
let hostileIssuer: string;
const running: Running[] = [];

const people = new Map<string, OidcAccount>([
  ["ada", { email: "ada@example.org", name: "Ada Lovelace", groups: ["dev", "ops"] }],
  ["charles", { email: "charles@example.org", groups: ["dev"] }],
  ["unverified", { email: "unverified@example.org", emailVerified: false, groups: ["dev"] }],
  ["elsewhere", { email: "eve@elsewhere.example", groups: ["dev"] }],
  ["cook", { email: "cook@example.org", groups: ["kitchen"] }],
]);
const hubbers = new Map<string, GithubAccount>([
  [
    "grace",
    {
      id: 1,
      login: "grace",
      emails: [
        { email: "old@example.org", primary: false, verified: true },
        { email: "grace@example.org", primary: true, verified: true },
      ],
      organisations: ["Acme"],
    },
  ],
  [
    "mallory",
    {
      id: 2,
      login: "mallory",
      emails: [{ email: "mallory@example.org", primary: true, verified: true }],
      organisations: ["other"],
    },
  ],
  [
    "pretender",
    {
      id: 3,
      login: "pretender",
      emails: [{ email: "ada@example.org", primary: true, verified: false }],
      organisations: ["acme"],
    },
  ],
]);

beforeAll(async () => {
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const [oidc, hostile, github] = await Promise.all([
    startOidc(publicUrl, people),
    startHostileOidc(),
    startGithub(publicUrl, hubbers),
  ]);
  running.push(oidc, hostile, github);
  hostileIssuer = hostile.issuer;
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
      },
    }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await Promise.all(running.map((one) => one.close()));
});

const userOf = async (email: string) => (await product.database()).user.findUnique({ where: { email } });

/** From the sign-in page to the provider's form and back. */
async function signInAs(page: Page, account: string): Promise<void> {
  await page.goto(`${product.url}/sign-in?callbackUrl=/settings`);
  await page.getByRole("button", { name: "Continue with Example" }).click();
  await page.getByLabel("Account").fill(account);
  await page.getByRole("button", { name: "Log in" }).click();
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

describe("OpenID Connect, at a provider that lies", () => {
  /** Everything a browser would do, but for the provider's page. */
  async function comeBack(flaw: Flaw, claims: Record<string, unknown> = {}, state?: string) {
    const visitor = new Visitor(product.url);
    const { searchParams } = await visitor.begin("hostile");
    const code = codeOf({
      flaw,
      nonce: searchParams.get("nonce") ?? "",
      challenge: flaw === "verifier" ? "another" : (searchParams.get("code_challenge") ?? ""),
      claims,
    });
    const query = new URLSearchParams({ code, state: state ?? searchParams.get("state") ?? "" });
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
    const code = codeOf({
      flaw: "none",
      nonce: searchParams.get("nonce") ?? "",
      challenge: searchParams.get("code_challenge") ?? "",
      claims: {},
    });
    const other = new Visitor(product.url);
    const query = new URLSearchParams({ code, state: searchParams.get("state") ?? "" });
    await other.ask(`/auth/callback/hostile?${query}`);
    expect(await other.who()).toBeNull();
  });

  it("leads nowhere but to our own pages", async () => {
    for (const elsewhere of ["https://evil.example", "//evil.example", "/\\evil.example"]) {
      const visitor = new Visitor(product.url);
      const { searchParams } = await visitor.begin("hostile", elsewhere);
      const code = codeOf({
        flaw: "none",
        nonce: searchParams.get("nonce") ?? "",
        challenge: searchParams.get("code_challenge") ?? "",
        claims: { sub: "honest", email: "honest@example.org" },
      });
      const query = new URLSearchParams({ code, state: searchParams.get("state") ?? "" });
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
