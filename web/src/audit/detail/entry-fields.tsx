"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { CopyButton } from "../../claude/timeline/copy-button.tsx";
import { FieldsView } from "../../claude/tools/fields-view.tsx";
import { formatRelative, formatUserAgent } from "../../lib/format.ts";
import { hrefOfFilters } from "../filters/filters.ts";
import type { Entry } from "../model/entry.ts";
import { subjectOf } from "../model/words.ts";
import { exactTime } from "../parts/moment.tsx";
import { Who } from "../parts/who.tsx";

const linkClass = "text-clay underline-offset-4 hover:underline";
const everything = { kind: "last", id: "all" } as const;

function Field({ name, copy, children }: { name: string; copy?: string | null; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-start gap-x-2 py-1">
      <dt className="text-muted-foreground text-xs leading-5">{name}</dt>
      <dd className="flex items-start gap-2">
        <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">{children}</div>
        {copy != null && copy !== "" && <CopyButton text={copy} label={`Copy ${name.toLowerCase()}`} />}
      </dd>
    </div>
  );
}

function Doer({ entry }: { entry: Entry }) {
  const { person, onBehalfOf } = entry;
  return (
    <Field name="Who" copy={person?.email ?? null}>
      <Who entry={entry} />
      {person !== null && (
        <>
          <p className="text-muted-foreground text-xs">{person.email}</p>
          <Link href={`/audit/people/${person.id}`} className={linkClass}>
            Everything of this person
          </Link>
        </>
      )}
      {onBehalfOf !== null && <p className="text-xs">On behalf of {onBehalfOf.name}</p>}
    </Field>
  );
}

/** All that an entry holds. */
export function EntryFields({ entry }: { entry: Entry }) {
  const { at, session, address, userAgent, requestId, details } = entry;
  const subject = subjectOf(entry);
  return (
    <>
      <dl className="divide-y">
        <Doer entry={entry} />
        <Field name="When" copy={at}>
          {exactTime(at)
            .split(" · ")
            .map((line) => (
              <span key={line} className="block tabular-nums last:text-muted-foreground last:text-xs">
                {line}
              </span>
            ))}
          <span className="text-muted-foreground text-xs">{formatRelative(at)}</span>
        </Field>
        {subject !== null && (
          <Field name="On what" copy={entry.target ?? subject}>
            <span className="line-clamp-6 whitespace-pre-wrap">{subject}</span>
          </Field>
        )}
        {session !== null && (
          <Field name="Session" copy={session.id}>
            <p>{session.name}</p>
            <Link href={`/audit/sessions/${session.id}?entry=${entry.id}`} className={linkClass}>
              This session’s story
            </Link>
            {" · "}
            <Link href={hrefOfFilters({ session: session.id, range: everything })} className={linkClass}>
              All its entries
            </Link>
          </Field>
        )}
        {(address !== null || userAgent !== null) && (
          <Field name="From" copy={address}>
            {address !== null && (
              <Link
                href={hrefOfFilters({ address, range: everything })}
                className={`${linkClass} font-mono text-xs`}
              >
                {address}
              </Link>
            )}
            {userAgent !== null && (
              <p title={userAgent} className="text-muted-foreground text-xs">
                {formatUserAgent(userAgent)}
              </p>
            )}
          </Field>
        )}
        {requestId !== null && (
          <Field name="Request" copy={requestId}>
            <p className="font-mono text-xs">{requestId}</p>
            <Link href={hrefOfFilters({ request: requestId, range: everything })} className={linkClass}>
              Everything of this request
            </Link>
          </Field>
        )}
        <Field name="Action" copy={entry.action}>
          <span className="font-mono text-xs">{entry.action}</span>
        </Field>
        <Field name="Entry" copy={entry.id}>
          <span className="font-mono text-xs">{entry.id}</span>
        </Field>
      </dl>
      {Object.keys(details).length > 0 && (
        <section aria-label="Details" className="flex flex-col gap-1">
          <h3 className="flex items-center justify-between font-semibold text-xs">
            Details
            <CopyButton text={JSON.stringify(details, null, 2)} label="Copy details as JSON" />
          </h3>
          <div className="rounded-lg border bg-surface">
            <FieldsView fields={details} />
          </div>
        </section>
      )}
    </>
  );
}
