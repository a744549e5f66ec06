import { join } from "node:path";
import type { Payload } from "@remote-claude/protocol";

import { type ImageBlock, readImages } from "./images.ts";

type Attachment = NonNullable<Payload<"chat.send">["attachments"]>[number];

export type PromptContent = string | (ImageBlock | { readonly type: "text"; readonly text: string })[];

/** What Claude is sent: the pictures among the attachments to look at, then the text with all others mentioned. */
export function promptContent(
  text: string,
  attachments: readonly Attachment[],
  workspace: string,
): PromptContent {
  const whole = attachments.filter(({ lines }) => lines === undefined).map(({ path }) => path);
  const images = readImages(whole, workspace);
  const others = attachments.filter(({ path, lines }) => lines !== undefined || !images.has(path));
  const rendered = renderPrompt(text, others, workspace);
  if (images.size === 0) return rendered;
  // Where the picture lies, so that Claude can work with the file; a mention would show it a second time.
  const named = [...images.keys()].map((path) => `[Image: ${path}]`).join("\n");
  return [...images.values(), { type: "text", text: `${rendered}\n\n${named}`.trimStart() }];
}

/**
 * A prompt as Claude Code reads it: each attachment a mention that Claude Code expands itself, `@path`, quoted
 * where the path holds anything unusual, with lines as `#L10-20`. One that the text names already is written out
 * there, not added again: Claude would be given the file twice.
 */
export function renderPrompt(text: string, attachments: readonly Attachment[], workspace: string): string {
  let prompt = text;
  const added: string[] = [];
  for (const attachment of attachments) {
    const full = mention(attachment, workspace);
    const named = attachment.lines === undefined ? replaceMentions(prompt, attachment.path, full) : prompt;
    if (named === prompt) added.push(full);
    prompt = named;
  }
  // Behind the text: a slash command must stay in front.
  return added.length === 0 ? prompt : `${prompt}\n\n${added.join(" ")}`.trimStart();
}

/** The text with every `@path` of this path (as the page writes it) replaced. */
function replaceMentions(text: string, path: string, by: string): string {
  const literal = path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`(?<![\\w@])@${literal}(?=$|[\\s,;:!?)]|\\.(?:\\s|$))`, "g"), () => by);
}

function mention({ path, lines }: Attachment, workspace: string): string {
  // Absolute, so that it means the same wherever Claude has gone in the meantime.
  const absolute = join(workspace, path);
  const reference = lines === undefined ? absolute : `${absolute}#L${lines[0]}-${lines[1]}`;
  return /^[\w./#-]+$/.test(reference) ? `@${reference}` : `@"${reference.replaceAll('"', "")}"`;
}
