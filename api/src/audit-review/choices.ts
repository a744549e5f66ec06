import type { Db } from "@remote-claude/prisma";
import type { AuditChoice } from "@remote-claude/protocol";
import { storableText } from "../lib/storable.ts";

const most = 20;

/** People by name or address, those whose account was deleted too: the record speaks of them. */
export function findPeople(db: Db, search: string): Promise<AuditChoice[]> {
  const text = storableText(search).toLowerCase();
  return db.$queryRaw<AuditChoice[]>`
    select id::text as id, name, email as about from users
    where position(${text} in lower(name)) > 0 or position(${text} in email) > 0
    order by deleted_at is not null, last_sign_in_at desc nulls last, id limit ${most}`;
}

/** Sessions by their name or their owner's, deleted ones too. */
export function findSessions(db: Db, search: string): Promise<AuditChoice[]> {
  const text = storableText(search).toLowerCase();
  return db.$queryRaw<AuditChoice[]>`
    select session.id::text as id, session.name,
      owner.name || case when session.deleted_at is null then '' else ', deleted' end as about
    from sessions session join users owner on owner.id = session.owner_id
    where position(${text} in lower(session.name)) > 0 or position(${text} in lower(owner.name)) > 0
      or position(${text} in owner.email) > 0
    order by session.last_active_at desc, session.id limit ${most}`;
}
