import { randomBytes } from "node:crypto";
import { formOf, type Running, sendJson, sendPage, serve } from "./listen.ts";

export interface GithubAccount {
  readonly id: number;
  readonly login: string;
  readonly emails: readonly { email: string; primary: boolean; verified: boolean }[];
  readonly organisations: readonly string[];
}

export const githubClient = { id: "Iv1.remote-claude", secret: "the secret of the app" };

/** GitHub's OAuth endpoints and the four questions that are asked afterwards, as an Enterprise Server has them. */
export async function startGithub(publicUrl: string, accounts: Map<string, GithubAccount>): Promise<Running> {
  const codes = new Map<string, string>();
  const tokens = new Map<string, string>();
  return serve(async (request, response, { pathname, searchParams }) => {
    if (pathname === "/login/oauth/authorize") {
      const redirectUri = searchParams.get("redirect_uri") ?? "";
      if (searchParams.get("client_id") !== githubClient.id || !redirectUri.startsWith(publicUrl)) {
        return void response.writeHead(404).end("no such application");
      }
      const login = searchParams.get("login");
      if (login === null) {
        const hidden = [...searchParams]
          .map(([name, value]) => `<input type="hidden" name="${name}" value="${encodeHtml(value)}">`)
          .join("");
        return sendPage(
          response,
          `<title>GitHub</title><form>${hidden}<label>Username <input name="login"></label><button>Authorize</button></form>`,
        );
      }
      const code = randomBytes(10).toString("hex");
      codes.set(code, login);
      const back = new URL(redirectUri);
      back.searchParams.set("code", code);
      back.searchParams.set("state", searchParams.get("state") ?? "");
      return void response.writeHead(302, { location: back.href }).end();
    }
    if (pathname === "/login/oauth/access_token") {
      const form = await formOf(request);
      const login = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      // GitHub says what is wrong with status 200.
      if (login === undefined || !isClient(request.headers.authorization, form)) {
        return sendJson(response, { error: "bad_verification_code" });
      }
      const token = `gho_${randomBytes(18).toString("hex")}`;
      tokens.set(token, login);
      return sendJson(response, {
        access_token: token,
        scope: "read:org,read:user,user:email",
        token_type: "bearer",
      });
    }
    const login = tokens.get((request.headers.authorization ?? "").replace(/^Bearer /, ""));
    const account = login === undefined ? undefined : accounts.get(login);
    if (account === undefined) return sendJson(response, { message: "Bad credentials" }, 401);
    if (pathname === "/api/v3/user") {
      // What somebody writes into their profile says nothing: it must not be believed.
      return sendJson(response, { id: account.id, login, name: null, email: "admin@example.org" });
    }
    if (pathname === "/api/v3/user/emails") return sendJson(response, account.emails);
    if (pathname === "/api/v3/user/memberships/orgs") {
      const memberships = account.organisations.map((name) => ({
        state: "active",
        organization: { login: name },
      }));
      return sendJson(response, memberships);
    }
    if (pathname === "/api/v3/user/teams") return sendJson(response, []);
    sendJson(response, { message: "Not Found" }, 404);
  });
}

function isClient(authorization: string | undefined, form: URLSearchParams): boolean {
  const basic = Buffer.from((authorization ?? "").replace(/^Basic /, ""), "base64").toString();
  const [id, secret] = basic.split(":").map((text) => decodeURIComponent(text.replaceAll("+", " ")));
  return (
    (id === githubClient.id && secret === githubClient.secret) ||
    (form.get("client_id") === githubClient.id && form.get("client_secret") === githubClient.secret)
  );
}

const encodeHtml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
