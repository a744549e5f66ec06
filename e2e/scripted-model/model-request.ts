/** What this endpoint reads from a request of Claude Code. */
export interface ModelRequest {
  readonly model: string;
  /** Claude Code's session; subagents share it with their parent. */
  readonly session: string;
  readonly workspace: string;
  /** In plan mode: the file into which the plan is to be written. */
  readonly planFile: string;
  /** The last thing a person (or a parent agent) said. */
  readonly prompt: string;
  /** Which prompt of its conversation that is. */
  readonly promptNumber: number;
  /** The first prompt: tells a subagent's conversation from its parent's. */
  readonly firstPrompt: string;
  /** A helper call beside the conversation (a title, a summary, a quota probe): it must not consume a step. */
  readonly side: boolean;
  readonly stream: boolean;
}

interface Message {
  readonly role?: unknown;
  readonly content?: unknown;
}

const reminders = /<system-reminder>[\s\S]*?<\/system-reminder>/g;

function blocksOf(content: unknown): Record<string, unknown>[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content.filter((block) => typeof block === "object" && block !== null) : [];
}

function textOf(content: unknown): string {
  return blocksOf(content)
    .map((block) => (block.type === "text" && typeof block.text === "string" ? block.text : ""))
    .join("\n")
    .replace(reminders, "")
    .trim();
}

/** The person's prompts, oldest first: user messages with words in them that are no tool results or reminders. */
function promptsOf(messages: readonly Message[]): string[] {
  return messages
    .filter(
      ({ role, content }) => role === "user" && !blocksOf(content).some(({ type }) => type === "tool_result"),
    )
    .map(({ content }) => textOf(content))
    .filter((text) => text !== "");
}

/** Claude Code names it in a reminder, anew each time it enters plan mode, wherever it puts that. */
function planFileIn(messages: readonly Message[]): string | undefined {
  return JSON.stringify(messages)
    .match(/\/[\w./-]+\/\.claude\/plans\/[\w.-]+\.md/g)
    ?.at(-1);
}

export function readModelRequest(
  body: Record<string, unknown>,
  headers: Record<string, string | string[] | undefined>,
): ModelRequest {
  const messages = Array.isArray(body.messages) ? (body.messages as Message[]) : [];
  const prompts = promptsOf(messages);
  const everything = `${messages.map(({ content }) => textOf(content)).join("\n")}\n${textOf(body.system)}`;
  const session = headers["x-claude-code-session-id"];
  return {
    model: typeof body.model === "string" ? body.model : "unknown",
    session: typeof session === "string" ? session : "no-session",
    workspace: /working directory: (\S[^\n]*)/i.exec(everything)?.[1]?.trim() ?? "/",
    planFile: planFileIn(messages) ?? "/no-plan-file",
    prompt: prompts.at(-1) ?? "",
    promptNumber: prompts.length,
    firstPrompt: prompts[0] ?? "",
    side: !Array.isArray(body.tools) || body.tools.length === 0,
    stream: body.stream === true,
  };
}
