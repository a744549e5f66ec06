import * as z from "zod";

/** Longer than an echo or a prompt; what a screen is drawn anew with goes as bytes. */
export const maxOutputTextLength = 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's output is full of them
const ascii = /^[\x00-\x7f]*$/;

/**
 * Output as bytes, or a little of it that is ASCII alone as text, in which a character is a byte: beside its JSON
 * socket.io sends bytes as a second message, and an echo is waited for.
 */
export const OutputData = z.custom<Uint8Array | string>(
  (value) =>
    typeof value === "string"
      ? value.length <= maxOutputTextLength && ascii.test(value)
      : value instanceof Uint8Array,
  "bytes, or a little ASCII, expected",
);
export type OutputData = z.infer<typeof OutputData>;
