import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** Archives as nobody in his right mind makes them: every name and type goes in as it is. */
export interface TarEntry {
  readonly name: string;
  readonly content?: Uint8Array;
  /** Of a link (type "2" symbolic, "1" hard), where it leads. */
  readonly link?: string;
  /** "0" file, "1" hard link, "2" symbolic link, "3" device, "5" directory. */
  readonly type?: string;
  /** What the header says, when it is not the truth. */
  readonly size?: number;
}

function tarHeader({ name, content, link = "", type = "0", size }: TarEntry): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, "utf8");
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${(size ?? content?.length ?? 0).toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write(type, 156);
  header.write(link, 157, 100, "utf8");
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

export function tarGz(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? []);
    return [tarHeader(entry), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** One entry; `size` is what the archive says of its length. */
export function zip(name: string, content: Uint8Array, size = content.length): Buffer {
  const packed = deflateRawSync(content);
  const nameBytes = Buffer.from(name);
  const fields = (signature: number, head: number[]) => {
    const buffer = Buffer.alloc(4 + head.length * 2);
    buffer.writeUInt32LE(signature, 0);
    for (const [index, value] of head.entries()) buffer.writeUInt16LE(value, 4 + index * 2);
    return buffer;
  };
  const words = (value: number) => [value & 0xffff, value >>> 16];
  const common = [
    20,
    0x800,
    8,
    0,
    0,
    ...words(crc32(content)),
    ...words(packed.length),
    ...words(size),
    nameBytes.length,
    0,
  ];
  const local = Buffer.concat([fields(0x04034b50, common), nameBytes, packed]);
  const central = Buffer.concat([
    fields(0x02014b50, [20, ...common, 0, 0, 0, ...words(0x81a40000 | 0), ...words(0)]),
    nameBytes,
  ]);
  const end = fields(0x06054b50, [0, 0, 1, 1, ...words(central.length), ...words(local.length), 0]);
  return Buffer.concat([local, central, end]);
}
