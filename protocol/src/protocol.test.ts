import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commands, decodeFrame, encodeFrame, events, OutputData, routes } from "./index.ts";
import * as changes from "./messages/changes.ts";
import * as chat from "./messages/chat.ts";
import * as conversation from "./messages/conversation.ts";
import * as file from "./messages/file.ts";
import * as session from "./messages/session.ts";
import * as terminal from "./messages/terminal.ts";
import * as workspace from "./messages/workspace.ts";

const areas = { changes, chat, conversation, file, session, terminal, workspace };
const camelCased = (type: string) =>
  type.replace(/[.-]([a-z])/g, (_, letter: string) => letter.toUpperCase());

describe("messages", () => {
  it.each(Object.entries(areas))(
    "of %s are exported under the camel-cased name of their type",
    (area, exported) => {
      for (const [name, value] of Object.entries(exported)) {
        if (!("type" in value) || !("kind" in value)) continue;
        const type = value.type as string;
        expect(type.startsWith(`${area}.`)).toBe(true);
        expect(name).toBe(camelCased(type));
      }
    },
  );

  it("of every area file are known to the index", () => {
    const index = readFileSync(new URL("./messages/index.ts", import.meta.url), "utf8");
    for (const area of Object.keys(areas)) expect(index).toContain(`* as ${area} from`);
    expect(commands.size + events.size).toBeGreaterThan(30);
  });

  it("name only payload fields as audit details", () => {
    for (const { audit, payload, type } of commands.values()) {
      const shape = (payload as unknown as { shape: Record<string, unknown> }).shape;
      for (const detail of audit?.details ?? []) expect(Object.keys(shape), type).toContain(detail);
    }
  });
});

describe("terminal output", () => {
  it("is bytes, or a little ASCII in which a character is a byte", () => {
    const takes = (data: unknown) => OutputData.safeParse(data).success;
    expect(takes(Uint8Array.of(0, 200))).toBe(true);
    expect(takes("\u001b[1mplain\u0000\u007f\r\n")).toBe(true);
    for (const refused of ["ü", "a\u0080", "x".repeat(1025), 1, null, ["x"]])
      expect(takes(refused)).toBe(false);
  });
});

describe("routes", () => {
  it("have one definition for each method and path", () => {
    const keys = [...routes.values()].map(({ method, path }) => `${method} ${path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("frames", () => {
  it("carry bytes unchanged beside their JSON", () => {
    const data = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
    const encoded = encodeFrame({ event: "terminal.output", client: "c", payload: { offset: 7, data } });
    expect(encoded).toBeInstanceOf(Uint8Array);
    expect(decodeFrame(encoded)).toEqual({
      event: "terminal.output",
      client: "c",
      payload: { offset: 7, data },
    });
  });

  it.each([
    ["text that is no JSON", "nonsense"],
    ["a binary frame without a length", Uint8Array.of(1, 2)],
    ["a length beyond the end", Uint8Array.of(255, 255, 255, 255, 0)],
    ["a header that is no JSON", Uint8Array.of(0, 0, 0, 1, 65)],
    ["a header that is not UTF-8", Uint8Array.of(0, 0, 0, 1, 255)],
    ["a header without a payload", Uint8Array.of(0, 0, 0, 2, 123, 125)],
  ])("refuse %s", (_, message) => {
    expect(() => decodeFrame(message)).toThrow();
  });
});
