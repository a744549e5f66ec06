import type { VerificationReport } from "@remote-claude/protocol";
import { Notice } from "../../components/notice.tsx";
import { Fingerprint } from "../parts/fingerprint.tsx";

/** The first thing that does not fit leads; what follows from it comes after. */
const shownProblems = 20;

const count = (value: number, one: string, many: string) =>
  `${value.toLocaleString("en")} ${value === 1 ? one : many}`;

function Problems({ report }: { report: VerificationReport }) {
  const [first, ...others] = report.problems;
  if (first === undefined) return null;
  const hidden = others.length - shownProblems;
  return (
    <Notice tone="destructive" title="The record does not fit its seals">
      <p className="font-medium">First: {first.message}</p>
      {others.length > 0 && (
        <>
          <p className="mt-1.5">Then:</p>
          <ol className="ml-4 list-disc">
            {others.slice(0, shownProblems).map(({ kind, seal, row, message }) => (
              <li key={`${kind} ${seal} ${row} ${message}`}>{message}</li>
            ))}
          </ol>
          {(hidden > 0 || report.truncated) && (
            <p className="mt-1.5">
              {hidden > 0 && `${hidden} more`}
              {report.truncated && " and others that are not listed"}.
            </p>
          )}
        </>
      )}
    </Notice>
  );
}

/** What was checked, what does not fit, and what to write down elsewhere. */
export function ReportView({ report }: { report: VerificationReport }) {
  const { seals, rows, retired, keys, head, problems } = report;
  return (
    <div className="flex flex-col gap-3">
      {problems.length > 0 ? (
        <Problems report={report} />
      ) : (
        <Notice tone="success" title="All fits">
          {count(rows, "entry", "entries")} in {count(seals, "seal", "seals")}, each against its signature,
          the seal before it and its copy in storage.
          {retired > 0 &&
            ` Of ${count(retired, "seal", "seals")} retention removed the entries, and signed for it.`}
        </Notice>
      )}
      <dl className="flex flex-col gap-2">
        {keys.map((key, index) => (
          <div key={key}>
            <dt className="text-muted-foreground text-xs">
              {keys.length === 1 ? "Fingerprint of the key" : `Fingerprint of key ${index + 1}`}
            </dt>
            <dd>
              <Fingerprint label="the key’s fingerprint" value={key} />
            </dd>
          </div>
        ))}
        {head !== null && (
          <div>
            <dt className="text-muted-foreground text-xs">Newest seal, number {head.number}</dt>
            <dd>
              <Fingerprint label="the newest seal" value={head.hash} />
            </dd>
          </div>
        )}
      </dl>
      <p className="text-muted-foreground text-xs">
        Keep these lines somewhere else, in a mail to yourself even: they are what a record is held against
        that somebody wrote anew from beginning to end.
      </p>
    </div>
  );
}
