import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CraftedEntry, craftTar, craftZip } from "../testing/archives.ts";
import { TestApi } from "../testing/test-api.ts";
import { TestPlace } from "../testing/test-place.ts";

const place = new TestPlace();
let api: TestApi;
let count = 0;
/** Each test has a directory of its own. */
let path = "";
const at = (...names: string[]) => join(place.workspace, path, ...names);

beforeAll(async () => {
  await place.start();
  api = await TestApi.connect(place);
});
beforeEach(() => {
  count += 1;
  path = `case-${count}`;
});
afterAll(async () => {
  api.close();
  await place.remove();
});

const extract = (content: Buffer, maxBytes?: number) =>
  api.upload({ direction: "extract", path, ...(maxBytes === undefined ? {} : { maxBytes }) }, content);

const formats = [
  ["tar.gz", craftTar],
  ["zip", craftZip],
] as const;

describe.each(formats)("a .%s", (_, craft) => {
  it("is unpacked with its modes and links, without the folder that holds it all", async () => {
    await extract(
      craft([
        { name: "project/", type: "5", mode: 0o755 },
        { name: "project/run.sh", content: "#!/bin/sh\n", mode: 0o755 },
        { name: "project/src/index.js", content: "hello" },
        { name: "project/link", type: "2", target: "src/index.js" },
        { name: "__MACOSX/project/._run.sh", content: "fork" },
      ]),
    );
    expect(readdirSync(at()).sort()).toEqual(["link", "run.sh", "src"]);
    expect(lstatSync(at("run.sh")).mode & 0o777).toBe(0o755);
    expect(readlinkSync(at("link"))).toBe("src/index.js");
    expect(readFileSync(at("link"), "utf8")).toBe("hello");
  });

  it("keeps its folders when there are several", async () => {
    await extract(
      craft([
        { name: "a/x", content: "1" },
        { name: "b", content: "2" },
      ]),
    );
    expect(readdirSync(at()).sort()).toEqual(["a", "b"]);
  });

  const bad: [string, CraftedEntry[]][] = [
    ["a name that climbs out", [{ name: "../escaped", content: "x" }]],
    ["a name that climbs out midway", [{ name: "a/../../escaped", content: "x" }]],
    ["an absolute name", [{ name: "/tmp/escaped", content: "x" }]],
    ["a Windows path", [{ name: "a\\..\\..\\escaped", content: "x" }]],
    [
      "a link that leads out",
      [
        { name: "a", content: "x" },
        { name: "out", type: "2", target: "../../home" },
      ],
    ],
    [
      "a link to an absolute path",
      [
        { name: "a", content: "x" },
        { name: "out", type: "2", target: "/etc/passwd" },
      ],
    ],
    [
      "a file that goes through a link",
      [
        { name: "d", type: "2", target: "." },
        { name: "d/file", content: "x" },
      ],
    ],
    [
      "a link through another that leads out",
      [
        { name: "deep/x/file", content: "" },
        { name: "deep/self", type: "2", target: "." },
        { name: "out", type: "2", target: "deep/self/x/../../.." },
      ],
    ],
    [
      "the same name twice",
      [
        { name: "a", content: "1" },
        { name: "a", content: "2" },
      ],
    ],
  ];
  it.each(bad)("with %s is refused, and nothing of it stays", async (_why, entries) => {
    await expect(extract(craft([{ name: "fine", content: "x" }, ...entries]))).rejects.toMatchObject({
      code: "bad_request",
    });
    expect(
      readdirSync(place.workspace).filter((name) => name === path || name.startsWith(".remote-")),
    ).toEqual([]);
    expect(readdirSync(place.directory).sort()).toEqual(["home", "in", "out", "workspace"]);
  });

  it("with a link from its single folder to beside it is refused", async () => {
    const entries: CraftedEntry[] = [
      { name: "p/a", content: "x" },
      { name: "p/out", type: "2", target: "../x" },
    ];
    await expect(extract(craft(entries))).rejects.toMatchObject({ code: "bad_request" });
  });

  it("that unpacks to far more than it holds is refused", async () => {
    const bomb = Buffer.alloc(80 * 1024 * 1024);
    await expect(extract(craft([{ name: "zeros", content: bomb }]))).rejects.toMatchObject({
      code: "too_large",
    });
    expect(readdirSync(place.workspace)).not.toContain(path);
  });
});

describe("an archive", () => {
  it.each([
    ["hard link", "1"],
    ["device", "3"],
  ] as const)("with a %s is refused", async (_, type) => {
    const entries = [
      { name: "a", content: "x" },
      { name: "b", type, target: "a" },
    ] as const;
    await expect(extract(craftTar(entries))).rejects.toMatchObject({ code: "bad_request" });
  });

  it("that is none, is cut off or lies about its size is refused", async () => {
    await expect(extract(Buffer.from("not an archive"))).rejects.toMatchObject({ code: "bad_request" });
    await expect(extract(Buffer.alloc(0))).rejects.toMatchObject({ code: "bad_request" });
    const zip = craftZip([{ name: "a", content: "x".repeat(1000) }]);
    await expect(extract(zip.subarray(0, zip.length - 30))).rejects.toMatchObject({ code: "bad_request" });
    const lying = Buffer.from(zip);
    lying.writeUInt32LE(5, lying.length - 22 - 1 - 46 + 24);
    await expect(extract(lying)).rejects.toMatchObject({ code: "bad_request" });
    const tar = craftTar([{ name: "a", content: Buffer.alloc(5000, "abc") }]);
    await expect(extract(tar.subarray(0, tar.length - 12))).rejects.toMatchObject({ code: "bad_request" });
    expect(readdirSync(place.workspace)).not.toContain(path);
  });

  it("larger than allowed is refused before it is unpacked", async () => {
    await expect(extract(craftTar([{ name: "a", content: "x" }]), 10)).rejects.toMatchObject({
      code: "too_large",
    });
  });

  it("replaces files, but no directory by a file", async () => {
    await extract(
      craftTar([
        { name: "a", content: "old" },
        { name: "d/x", content: "kept" },
      ]),
    );
    await extract(
      craftTar([
        { name: "a", content: "new" },
        { name: "d/y", content: "added" },
      ]),
    );
    expect(readFileSync(at("a"), "utf8")).toBe("new");
    expect(readdirSync(at("d")).sort()).toEqual(["x", "y"]);
    await expect(
      extract(
        craftTar([
          { name: "a", content: "newer" },
          { name: "d", content: "file" },
        ]),
      ),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(at("a"), "utf8")).toBe("new");
  });

  it("of a directory unpacks to the same again", async () => {
    mkdirSync(at("sub"), { recursive: true });
    writeFileSync(at("sub/file"), "content");
    chmodSync(at("sub/file"), 0o755);
    symlinkSync("file", at("sub/link"));
    execFileSync("mkfifo", [at("pipe")]);
    const archive = await api.download({ direction: "archive", path });
    path = `${path}-copy`;
    await extract(archive);
    expect(readFileSync(at("link"), "utf8")).toBe("content");
    expect(lstatSync(at("file")).mode & 0o111).not.toBe(0);
  });
});
