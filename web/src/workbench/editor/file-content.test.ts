import { describe, expect, it } from "vitest";
import { contentOf } from "./file-content.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (value: string) => new Uint8Array(new TextEncoder().encode(value));

describe("contentOf", () => {
  it("keeps text as it is, its byte order mark too", () => {
    expect(contentOf("a.txt", text("\ufeffhällo\r\n"), "e")).toEqual({
      kind: "text",
      text: "\ufeffhällo\r\n",
      etag: "e",
      valid: true,
    });
  });

  it("shows what is not UTF-8 but says that it is not", () => {
    expect(contentOf("a.txt", bytes(0x68, 0xe4, 0x6c), "e")).toMatchObject({ kind: "text", valid: false });
  });

  it("takes a NUL near the beginning for binary, and one far behind for text", () => {
    expect(contentOf("a.txt", bytes(0x7f, 0x45, 0), "e")).toMatchObject({ kind: "binary", size: 3 });
    const late = new Uint8Array(9000).fill(65);
    late[8500] = 0;
    expect(contentOf("a.txt", late, "e").kind).toBe("text");
  });

  it("shows pictures as pictures, and SVG as the text it is", () => {
    const picture = contentOf("a/B.PNG", bytes(0x89, 0x50), "e");
    expect(picture.kind === "image" && picture.blob.type).toBe("image/png");
    expect(contentOf("a.svg", text("<svg/>"), "e").kind).toBe("text");
  });
});
