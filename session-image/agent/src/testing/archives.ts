import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** An entry of a crafted archive, as bad as a test wants it. */
export interface CraftedEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  /** tar's type flag: 0 file, 1 hard link, 2 symlink, 3 character device, 5 directory. */
  readonly type?: "0" | "1" | "2" | "3" | "5";
  readonly target?: string;
  readonly mode?: number;
}

/** A .tar.gz, byte by byte: real tools refuse to make bad ones. */
export function craftTar(entries: readonly CraftedEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? "");
    const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
    return [tarHeader(entry, content.length), content, padding];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function tarHeader({ name, type = "0", target = "", mode = 0o644 }: CraftedEntry, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 100), 0);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write(target, 157);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width, "0");
}

/** A .zip, byte by byte. */
export function craftZip(entries: readonly CraftedEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.type === "2" ? (entry.target ?? "") : (entry.content ?? ""));
    const packed = deflateRawSync(content);
    const name = Buffer.from(entry.name);
    const kind = entry.type === "2" ? 0o120000 : entry.type === "5" ? 0o040000 : 0o100000;
    const sizes = [crc32(content), packed.length, content.length] as const;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    writeCommon(local, 4, sizes, name.length);
    const directory = Buffer.alloc(46);
    directory.writeUInt32LE(0x02014b50, 0);
    directory.writeUInt16LE((3 << 8) | 20, 4);
    writeCommon(directory, 6, sizes, name.length);
    directory.writeUInt32LE(((kind | (entry.mode ?? 0o644)) << 16) >>> 0, 38);
    directory.writeUInt32LE(offset, 42);
    locals.push(local, name, packed);
    central.push(directory, name);
    offset += local.length + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(central).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...central, end]);
}

function writeCommon(
  header: Buffer,
  at: number,
  [checksum, packed, size]: readonly [number, number, number],
  nameLength: number,
): void {
  header.writeUInt16LE(20, at);
  header.writeUInt16LE(0x0800, at + 2);
  header.writeUInt16LE(8, at + 4);
  header.writeUInt32LE(checksum, at + 10);
  header.writeUInt32LE(packed, at + 14);
  header.writeUInt32LE(size, at + 18);
  header.writeUInt16LE(nameLength, at + 22);
}
