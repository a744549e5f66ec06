/** What a push asked for and what the host said to it, or that a fetch fetched: read from the streams as they pass. */
export interface GitExchange {
  onSent(chunk: Buffer): void;
  onReceived(chunk: Buffer): void;
  summary(): ExchangeSummary;
}

export interface ExchangeSummary {
  /** Objects were asked for (not only the list of refs), or refs were to be changed. */
  readonly counts: boolean;
  /** Refs of a push: what was to become of each, and whether the host refused. At most `maxRefs`. */
  readonly refs: readonly PushedRef[];
  /** More than are listed. */
  readonly moreRefs: boolean;
}

export interface PushedRef {
  readonly ref: string;
  readonly change: "created" | "updated" | "deleted";
  readonly refused: boolean;
}

const maxRefs = 50;
/** Commands come first, and some refs fit in; what follows is the pack. */
const maxHeadBytes = 32 * 1024;
/** The report comes last. */
const maxTailBytes = 16 * 1024;

const noObject = /^0+$/;

/** `encoded`: the body is compressed, which git does to long lists of what it has, when it fetches. */
export function watchExchange(
  service: "git-upload-pack" | "git-receive-pack",
  encoded: boolean,
): GitExchange {
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail = Buffer.alloc(0);
  const push = service === "git-receive-pack";
  return {
    onSent(chunk) {
      if (headBytes >= maxHeadBytes) return;
      head.push(chunk.subarray(0, maxHeadBytes - headBytes));
      headBytes += chunk.length;
    },
    onReceived(chunk) {
      if (push) tail = Buffer.concat([tail, chunk]).subarray(-maxTailBytes);
    },
    summary() {
      const sent = Buffer.concat(head);
      if (!push) {
        const fetches = encoded || /^[0-9a-f]{4}(command=fetch|want )/.test(sent.toString("latin1", 0, 64));
        return { counts: fetches, refs: [], moreRefs: false };
      }
      const refused = refusedRefs(tail);
      const commands = encoded ? [] : pushCommands(sent);
      const refs = commands
        .slice(0, maxRefs)
        .map(({ ref, change }) => ({ ref, change, refused: refused.has(ref) }));
      return { counts: refs.length > 0, refs, moreRefs: commands.length > maxRefs };
    },
  };
}

/** `<old> <new> <ref>` in pkt-lines, up to the flush that ends them. */
function pushCommands(sent: Buffer): Pick<PushedRef, "ref" | "change">[] {
  const commands: Pick<PushedRef, "ref" | "change">[] = [];
  for (let at = 0; at + 4 <= sent.length; ) {
    const length = Number.parseInt(sent.toString("latin1", at, at + 4), 16);
    if (!(length >= 4) || at + length > sent.length) break;
    const line = sent
      .toString("utf8", at + 4, at + length)
      .replace(/\0.*$/s, "")
      .trimEnd();
    at += length;
    const [, before = "", after = "", ref = ""] =
      /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.+)$/.exec(line) ?? [];
    if (ref === "") continue;
    const change = noObject.test(after) ? "deleted" : noObject.test(before) ? "created" : "updated";
    commands.push({ ref: ref.slice(0, 250).toWellFormed(), change });
  }
  return commands;
}

/** Lines `ng <ref> <reason>` of the report, which may be wrapped in a side band. */
function refusedRefs(tail: Buffer): ReadonlySet<string> {
  const lines = tail.toString("utf8").matchAll(/[0-9a-f]{4}ng (\S+) /g);
  return new Set(Array.from(lines, ([, ref = ""]) => ref.slice(0, 250)));
}
