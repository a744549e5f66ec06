/** A browser without a window: cookies, and redirects that are looked at one by one. */
export class Visitor {
  readonly origin: string;
  readonly cookies = new Map<string, string>();

  constructor(origin: string) {
    this.origin = origin;
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(new URL(path, this.origin), {
      redirect: "manual",
      ...init,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(init.headers as Record<string, string> | undefined),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Begins at next-auth; the address of the provider. */
  async begin(provider: string, callbackUrl = "/"): Promise<URL> {
    const { csrfToken } = (await (await this.ask("/auth/csrf")).json()) as { csrfToken: string };
    const answer = await this.ask(`/auth/signin/${provider}`, {
      method: "POST",
      body: new URLSearchParams({ csrfToken, callbackUrl, json: "true" }),
    });
    return new URL(((await answer.json()) as { url: string }).url, this.origin);
  }

  /** A form of next-auth's credentials providers; the error it answers with, or null. */
  async submit(provider: string, fields: Record<string, string>): Promise<string | null> {
    const { csrfToken } = (await (await this.ask("/auth/csrf")).json()) as { csrfToken: string };
    const answer = await this.ask(`/auth/callback/${provider}`, {
      method: "POST",
      body: new URLSearchParams({ ...fields, csrfToken, json: "true" }),
    });
    const { url } = (await answer.json()) as { url: string };
    return new URL(url, this.origin).searchParams.get("error");
  }

  /** The address of whom this is signed in as; null for nobody. */
  async who(): Promise<string | null> {
    const response = await this.ask("/api/auth/user");
    if (!response.ok) return null;
    return ((await response.json()) as { user: { email: string } }).user.email;
  }
}
