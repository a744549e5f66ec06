import { constants, gunzipSync } from "node:zlib";

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
  /** More than are listed, or some that could not be read. */
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
/** What a compressed beginning may hold; lists of refs are far shorter. */
const maxPlainBytes = 1024 * 1024;
/** The report comes last. */
const maxTailBytes = 16 * 1024;

const noObject = /^0+$/;

export function watchExchange(service: "git-upload-pack" | "git-receive-pack"): GitExchange {
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
      const sent = plainOf(Buffer.concat(head));
      if (!push) return { counts: sent === null || fetches(sent), refs: [], moreRefs: false };
      const { commands, unread } = pushCommands(sent, headBytes >= maxHeadBytes);
      const refused = refusedRefs(tail);
      const refs = commands
        .slice(0, maxRefs)
        .map(({ ref, change }) => ({ ref, change, refused: refused.has(ref) }));
      // A session that writes what we cannot read must not push unseen by that.
      return { counts: refs.length > 0 || unread, refs, moreRefs: unread || commands.length > maxRefs };
    },
  };
}

/**
 * Some clients compress what they send. Told by the bytes, as hosts take a body for what it is whatever its headers
 * call it; null: it cannot be read.
 */
function plainOf(sent: Buffer): Buffer | null {
  if (sent[0] !== 0x1f || sent[1] !== 0x8b) return sent;
  try {
    return gunzipSync(sent, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxPlainBytes });
  } catch {
    return null;
  }
}

/** All but the question for the list of refs, and but nothing: what else asks for objects may begin in many ways. */
function fetches(sent: Buffer): boolean {
  return !/^($|0000$|[0-9a-f]{4}command=ls-refs)/i.test(sent.toString("latin1", 0, 64));
}

interface PushCommands {
  readonly commands: readonly Pick<PushedRef, "ref" | "change">[];
  /** There may be more than these. */
  readonly unread: boolean;
}

/** `<old> <new> <ref>` in pkt-lines, up to the flush that ends them. `cut`: more was sent than is here. */
function pushCommands(sent: Buffer | null, cut: boolean): PushCommands {
  const commands: Pick<PushedRef, "ref" | "change">[] = [];
  if (sent === null) return { commands, unread: true };
  for (let at = 0; at + 4 <= sent.length; ) {
    const length = Number.parseInt(sent.toString("latin1", at, at + 4), 16);
    if (length === 0) return { commands, unread: false };
    if (!(length >= 4)) return { commands, unread: true };
    if (at + length > sent.length) break;
    const line = sent
      .toString("utf8", at + 4, at + length)
      .replace(/\0.*$/s, "")
      .replace(/\n$/, "");
    at += length;
    const [, before = "", after = "", ref = ""] =
      /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.+)$/is.exec(line) ?? [];
    if (ref === "") continue;
    const change = noObject.test(after) ? "deleted" : noObject.test(before) ? "created" : "updated";
    commands.push({ ref: ref.slice(0, 250).toWellFormed(), change });
  }
  return { commands, unread: cut };
}

/** Lines `ng <ref> <reason>` of the report, which may be wrapped in a side band. */
function refusedRefs(tail: Buffer): ReadonlySet<string> {
  const lines = tail.toString("utf8").matchAll(/[0-9a-f]{4}ng (\S+) /g);
  return new Set(Array.from(lines, ([, ref = ""]) => ref.slice(0, 250)));
}
