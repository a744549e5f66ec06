import type { Context, Principal } from "../context.ts";

/** Of these people's sign-ins and tokens those that still count, by id, and what the person is in the organisation. */
export async function countingSignIns(
  { db, clock }: Context,
  principals: readonly Pick<Principal, "via">[],
): Promise<Map<string, string>> {
  const idsOf = (kind: "sign-in" | "token") =>
    principals.flatMap(({ via }) => (via.kind === kind ? [via.id] : []));
  const now = clock.now();
  const rows = await db.$queryRaw<{ id: string; role: string }[]>`
    select s.id, u.role::text as role from sign_ins s join users u on u.id = s.user_id
    where s.id = any(${idsOf("sign-in")}::uuid[]) and s.revoked_at is null and s.expires_at > ${now}
      and u.status = 'active'
    union all
    select t.id, u.role::text as role from tokens t join users u on u.id = t.user_id
    where t.id = any(${idsOf("token")}::uuid[]) and t.revoked_at is null
      and (t.expires_at is null or t.expires_at > ${now}) and u.status = 'active'`;
  return new Map(rows.map(({ id, role }) => [id, role]));
}
