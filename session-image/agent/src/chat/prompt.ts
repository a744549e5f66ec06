import { join } from "node:path";
import type { Payload } from "@remote-claude/protocol";

type Attachment = NonNullable<Payload<"chat.send">["attachments"]>[number];

/**
 * A prompt as Claude Code reads it: each attachment a mention that Claude Code expands itself, `@path`, quoted
 * where the path holds anything unusual, with lines as `#L10-20`.
 */
export function renderPrompt(text: string, attachments: readonly Attachment[], workspace: string): string {
  if (attachments.length === 0) return text;
  // Behind the text: a slash command must stay in front.
  return `${text}\n\n${attachments.map((attachment) => mention(attachment, workspace)).join(" ")}`;
}

function mention({ path, lines }: Attachment, workspace: string): string {
  // Absolute, so that it means the same wherever Claude has gone in the meantime.
  const absolute = join(workspace, path);
  const reference = lines === undefined ? absolute : `${absolute}#L${lines[0]}-${lines[1]}`;
  return /^[\w./#-]+$/.test(reference) ? `@${reference}` : `@"${reference.replaceAll('"', "")}"`;
}
