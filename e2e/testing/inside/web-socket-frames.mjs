/** Just enough of WebSocket (RFC 6455) to speak on a unix socket without a package: whole text frames. */
import { randomBytes } from "node:crypto";

export function encodeText(text, { masked }) {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? Buffer.from([payload.length])
      : Buffer.from([126, payload.length >> 8, payload.length & 255]);
  if (!masked) return Buffer.concat([Buffer.from([0x81]), length, payload]);
  const mask = randomBytes(4);
  length[0] |= 0x80;
  return Buffer.concat([Buffer.from([0x81]), length, mask, payload.map((byte, at) => byte ^ mask[at % 4])]);
}

/** Calls `onText` for each text frame that arrives. */
export function readTexts(socket, head, onText) {
  let bytes = head;
  const read = (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      if (bytes.length < 2) return;
      const short = bytes[1] & 127;
      const header = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < header) return;
      const length =
        short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      const masked = (bytes[1] & 128) !== 0;
      const start = header + (masked ? 4 : 0);
      if (bytes.length < start + length) return;
      const mask = bytes.subarray(header, start);
      const payload = bytes
        .subarray(start, start + length)
        .map((byte, at) => (masked ? byte ^ mask[at % 4] : byte));
      const opcode = bytes[0] & 15;
      bytes = bytes.subarray(start + length);
      if (opcode === 1) onText(Buffer.from(payload).toString());
    }
  };
  socket.on("data", read);
  read(Buffer.alloc(0));
}
