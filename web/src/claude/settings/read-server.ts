import { type ClaudeScope, McpServerConfig, McpServerName, type Payload } from "@remote-claude/protocol";

/** A server as it stands in the form. */
export interface TypedServer {
  readonly scope: ClaudeScope;
  readonly name: string;
  readonly type: McpServerConfig["type"];
  /** The command line or the address. */
  readonly target: string;
  /** Variables or headers, one a line. */
  readonly values: string;
}

/** What was typed, as it is sent; or a sentence on what is wrong with it. */
export function readServer(typed: TypedServer): Payload<"claude.add-server"> | { error: string } {
  const name = McpServerName.safeParse(typed.name.trim());
  if (!name.success) return { error: "The name is letters, digits, - and _, at most 64." };
  const stdio = typed.type === "stdio";
  const values = readValues(typed.values, stdio ? "=" : ":");
  if (values === null) {
    return { error: stdio ? "Each variable is a line NAME=value." : "Each header is a line Name: value." };
  }
  const [command = "", ...args] = splitCommand(typed.target);
  const config = McpServerConfig.safeParse(
    typed.type === "stdio"
      ? { type: "stdio", command, args, env: values }
      : { type: typed.type, url: typed.target.trim(), headers: values },
  );
  if (config.success) return { scope: typed.scope, name: name.data, config: config.data };
  return {
    error: stdio
      ? "The command is a program and its arguments."
      : "The address begins with http:// or https://.",
  };
}

function readValues(text: string, separator: "=" | ":"): Record<string, string> | null {
  const values: Record<string, string> = {};
  for (const line of text.split("\n").filter((candidate) => candidate.trim() !== "")) {
    const at = line.indexOf(separator);
    const name = line.slice(0, Math.max(0, at)).trim();
    if (name === "" || /\s/.test(name)) return null;
    values[name] = line.slice(at + 1).trim();
  }
  return values;
}

/** A command line as a shell would take it apart, as far as quotes and blanks go. */
export function splitCommand(line: string): string[] {
  const words = line.match(/(?:[^\s"']+|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
      double === undefined ? (single ?? "") : double.replace(/\\(["\\])/g, "$1"),
    ),
  );
}
