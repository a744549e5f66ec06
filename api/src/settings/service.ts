import { isDeepStrictEqual } from "node:util";
import type { Transaction } from "@remote-claude/prisma";
import {
  defaultOrganisationSettings,
  type OrganisationSettings,
  organisationSettingsOf,
} from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { endParts, takeAdminsLooks } from "../lib/end-access.ts";

/** What the configuration says where no admin chose. */
export function defaultSettings({ config }: Context): OrganisationSettings {
  return { ...defaultOrganisationSettings, maxSessionsPerUser: config.maxSessionsPerUser };
}

/** What holds now: read anew each time, so that every api goes by a change from the moment it is made. */
export async function readSettings(context: Context, db: Transaction): Promise<OrganisationSettings> {
  return organisationSettingsOf(await db.setting.findMany(), defaultSettings(context));
}

/**
 * Makes these the organisation's settings. What equals its default is not kept, so that it goes on following the
 * configuration. The triggers of the table tell egress.
 */
export async function saveSettings(
  context: Context,
  principal: Principal,
  wanted: OrganisationSettings,
): Promise<void> {
  const defaults = defaultSettings(context);
  const looks = await context.db.$transaction(async (transaction) => {
    // One change at a time, so that each says truly what was before it.
    await transaction.$executeRaw`select pg_advisory_xact_lock(hashtext('settings'))`;
    const before = await readSettings(context, transaction);
    const changed = keysOf(wanted).filter((key) => !isDeepStrictEqual(before[key], wanted[key]));
    if (changed.length === 0) return [];
    for (const key of changed) await write(transaction, key, wanted, defaults);
    await record(transaction, {
      action: "settings.changed",
      actor: principal,
      target: changed.join(", "),
      details: { before: pick(before, changed), after: pick(wanted, changed) },
    });
    // Whoever looks inside by the setting does so no longer than it holds.
    return before.adminsMayLookInside && !wanted.adminsMayLookInside
      ? takeAdminsLooks(transaction, null)
      : [];
  });
  endParts(context, looks);
}

async function write(
  transaction: Transaction,
  key: keyof OrganisationSettings,
  wanted: OrganisationSettings,
  defaults: OrganisationSettings,
): Promise<void> {
  if (isDeepStrictEqual(wanted[key], defaults[key])) {
    await transaction.setting.deleteMany({ where: { key } });
    return;
  }
  // As text: Prisma tells the JSON null from the missing value by a name of its own.
  await transaction.$executeRaw`
    insert into settings (key, value, updated_at) values (${key}, ${JSON.stringify(wanted[key])}::jsonb, now())
    on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`;
}

const keysOf = (settings: OrganisationSettings) => Object.keys(settings) as (keyof OrganisationSettings)[];

function pick(settings: OrganisationSettings, keys: readonly (keyof OrganisationSettings)[]) {
  return Object.fromEntries(keys.map((key) => [key, settings[key]]));
}
