import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { type Statement, statement } from "@remote-claude/prisma";
import { decodeSignIn, type OrganisationRole, signInCookieName } from "@remote-claude/protocol";
import { parse as parseCookies } from "cookie";
import type { Context, Principal } from "../context.ts";
import { bearerOf } from "../lib/bearer.ts";
import { sha256 } from "../lib/secrets.ts";
import { endStolen, findRobbed, type RotatingRow, rotate } from "./rotation.ts";
import { signInEnd } from "./sign-in-end.ts";

/** What a request or a socket's handshake shows of who sends it. */
export interface Credentials {
  readonly headers: IncomingHttpHeaders;
  /** Of the connection itself; behind the gateway the last X-Forwarded-For counts instead. */
  readonly remoteAddress: string | undefined;
  /** A token from elsewhere than the Authorization header: socket.io's `auth.token`. */
  readonly token?: string;
  readonly requestId: string;
  /** Whether the answer can carry a new cookie. */
  readonly mayRotate?: boolean;
  /** Read in the same statement: SQL of one text for the person, at the time, that the expressions name. */
  readonly readAlong?: ((userId: string, now: string) => string) | undefined;
}

export interface Authentication {
  readonly principal: Principal;
  /** The value of a new cookie, which the browser gets instead of the one it has. */
  readonly renewCookie: string | null;
  /** What the credentials' `readAlong` found; empty without one. */
  readonly readAlong: string;
}

/** Last use is written at most this often. */
const touchMs = 60_000;

interface Found {
  id: string;
  user_id: string;
  email: string;
  name: string;
  role: OrganisationRole;
  last_used_at: Date | null;
  read_along: string;
}

/** The columns of Found but for the credential's own; $2 is the time. */
const foundColumns = (readAlong: Credentials["readAlong"]) => `
  u.id as user_id, u.email, u.name, u.role::text as role,
  (${readAlong === undefined ? "''" : readAlong("u.id", "$2::timestamptz")}) as read_along`;

/** By a credential's hash and the time; made once for each thing that is read along. */
function byHash(text: (columns: string) => string): (readAlong: Credentials["readAlong"]) => Statement {
  const made = new Map<Credentials["readAlong"], Statement>();
  return (readAlong) => {
    const known = made.get(readAlong) ?? statement(text(foundColumns(readAlong)));
    made.set(readAlong, known);
    return known;
  };
}

const findToken = byHash(
  (columns) => `
    select t.id, t.last_used_at, t.scopes, ${columns}
    from tokens t join users u on u.id = t.user_id
    where t.hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2::timestamptz)
      and u.status = 'active'`,
);

const findSignIn = byHash(
  (columns) => `
    select s.id, s.last_used_at, s.hash = $1 as is_present, s.created_at, s.rotated_at, s.confirmed_at, ${columns}
    from sign_ins s join users u on u.id = s.user_id
    where (s.hash = $1 or s.previous_hash = $1) and s.revoked_at is null and s.expires_at > $2::timestamptz
      and u.status = 'active'`,
);

/** The address of the client: what the gateway, which alone reaches us, says it is. */
export function addressOf(headers: IncomingHttpHeaders, remoteAddress: string | undefined): string | null {
  const forwarded = headers["x-forwarded-for"];
  const list = Array.isArray(forwarded) ? forwarded.join(",") : forwarded;
  const last = list?.split(",").at(-1)?.trim();
  const address = last === undefined || last === "" ? remoteAddress : last;
  return address?.replace(/^::ffff:/, "").slice(0, 100) ?? null;
}

/** From where a request to sign in comes. */
export function sourceOf({ headers, socket }: IncomingMessage, requestId: string) {
  return {
    address: addressOf(headers, socket.remoteAddress),
    userAgent: headers["user-agent"] ?? null,
    requestId,
  };
}

/** Who sends this; null when nobody who counts. A Bearer token, where there is one, is all that is looked at. */
export async function authenticate(
  context: Context,
  credentials: Credentials,
): Promise<Authentication | null> {
  const { headers } = credentials;
  if (credentials.token !== undefined) return byToken(context, credentials, credentials.token);
  if (headers.authorization !== undefined) {
    const token = bearerOf(headers.authorization);
    return token === null ? null : byToken(context, credentials, token);
  }
  return byCookie(context, credentials);
}

async function byToken(context: Context, from: Credentials, token: string): Promise<Authentication | null> {
  if (!token.startsWith("rcl_")) return null;
  const now = context.clock.now();
  const values = [sha256(token), now.toISOString()];
  const [row] = await context.read<Found & { scopes: string[] }>(findToken(from.readAlong), values);
  if (row === undefined) return null;
  if (now.getTime() - (row.last_used_at?.getTime() ?? 0) >= touchMs) {
    await context.db.token.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } });
  }
  return {
    principal: toPrincipal(row, { kind: "token", id: row.id, scopes: row.scopes }, from),
    renewCookie: null,
    readAlong: row.read_along,
  };
}

async function byCookie(context: Context, from: Credentials): Promise<Authentication | null> {
  const cookie = signInCookieOf(context, from.headers);
  if (cookie === null) return null;
  const now = context.clock.now();
  const values = [sha256(cookie), now.toISOString()];
  const [row] = await context.read<Found & RotatingRow>(findSignIn(from.readAlong), values);
  if (row === undefined) {
    const robbed = await findRobbed(context, cookie);
    if (robbed !== null) await endStolen(context, robbed, placeOf(from));
    return null;
  }
  const rotation = await rotate(context, row, cookie, from.mayRotate ?? false);
  if (rotation.kind === "stolen") {
    await endStolen(context, row.id, placeOf(from));
    return null;
  }
  const unusedMs = now.getTime() - (row.last_used_at?.getTime() ?? 0);
  if (unusedMs >= touchMs) {
    const expiresAt = signInEnd(context, row.created_at, now);
    await context.db.signIn.updateMany({ where: { id: row.id }, data: { lastUsedAt: now, expiresAt } });
  }
  return {
    principal: toPrincipal(row, { kind: "sign-in", id: row.id }, from),
    renewCookie: rotation.kind === "rotated" ? rotation.cookie : null,
    readAlong: row.read_along,
  };
}

const placeOf = ({ headers, remoteAddress }: Credentials) => ({
  address: addressOf(headers, remoteAddress),
  userAgent: headers["user-agent"]?.slice(0, 500) ?? null,
});

/** The sign-in id of our cookie; null for none, or for what cannot be one. */
export function signInCookieOf(context: Context, headers: IncomingHttpHeaders): string | null {
  if (headers.cookie === undefined) return null;
  return decodeSignIn(parseCookies(headers.cookie)[signInCookieName(context.config.publicUrl)]);
}

function toPrincipal(found: Found, via: Principal["via"], from: Credentials): Principal {
  return {
    id: found.user_id,
    name: found.name,
    email: found.email,
    role: found.role,
    via,
    address: addressOf(from.headers, from.remoteAddress),
    userAgent: from.headers["user-agent"]?.slice(0, 500) ?? null,
    requestId: from.requestId,
  };
}
