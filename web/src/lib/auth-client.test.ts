import { afterEach, describe, expect, it, vi } from "vitest";
import { signIn, signOut } from "./auth-client.ts";

const origin = "https://claude.example.org";

/** next-auth answers the act with this address; resolves to where the page went. */
function answerWith(url: string) {
  const assign = vi.fn();
  vi.stubGlobal("window", { location: { origin, assign } });
  vi.stubGlobal("fetch", async (path: string) =>
    Response.json(path === "/auth/csrf" ? { csrfToken: "token" } : { url }),
  );
  return assign;
}

afterEach(() => vi.unstubAllGlobals());

describe("signing in", () => {
  const attempt = () => signIn("password", { email: "a@example.org", password: "secret" });

  it("is done when next-auth names no error", async () => {
    answerWith(`${origin}/`);
    await expect(attempt()).resolves.toBeUndefined();
  });

  it("says that nobody was signed in when the cookie did not come back", async () => {
    answerWith(`${origin}/auth/signin?csrf=true`);
    await expect(attempt()).rejects.toThrow("Allow cookies");
  });

  it("says what the server said", async () => {
    answerWith(`${origin}/sign-in?error=This+account+is+disabled.`);
    await expect(attempt()).rejects.toThrow("This account is disabled.");
  });
});

describe("signing out", () => {
  it("does not leave the page when the cookie did not come back: one is still signed in", async () => {
    const assign = answerWith(`${origin}/auth/signout?csrf=true`);
    await expect(signOut()).rejects.toThrow("Allow cookies");
    expect(assign).not.toHaveBeenCalled();
  });
});
