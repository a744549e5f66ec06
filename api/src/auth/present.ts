import type { SignIn as SignInRow, Token as TokenRow } from "@remote-claude/prisma";
import {
  type OrganisationRole,
  type SignIn,
  type Token,
  TokenScope,
  type User,
} from "@remote-claude/protocol";
import { organisationAbilitiesOf } from "../policy/index.ts";

export function presentUser(user: { id: string; email: string; name: string; role: OrganisationRole }): User {
  const { id, email, name, role } = user;
  return { id, email, name, role, abilities: organisationAbilitiesOf(user) };
}

export function presentToken(token: TokenRow): Token {
  return {
    id: token.id,
    name: token.name,
    prefix: token.prefix,
    scopes: token.scopes.flatMap((scope) => TokenScope.safeParse(scope).data ?? []),
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
  };
}

export function presentSignIn(signIn: SignInRow, currentId: string | null): SignIn {
  return {
    id: signIn.id,
    current: signIn.id === currentId,
    userAgent: signIn.userAgent,
    address: signIn.address,
    createdAt: signIn.createdAt.toISOString(),
    lastUsedAt: signIn.lastUsedAt.toISOString(),
  };
}
