import { crc32, deflateSync } from "node:zlib";
import type { Trap } from "./traps.js";

/** Files that claim, or decompress to, far more than their size. */
export const bombs = (): Trap[] => [
  { name: "huge.png", bytes: png(60_000, 60_000, false) },
  { name: "unpacks.png", bytes: png(14_000, 14_000, true) },
  { name: "wide.png", bytes: png(0x7fffffff, 1, false) },
  { name: "strip.png", bytes: png(100_000, 2, true) },
  { name: "huge.bmp", bytes: bmp(50_000, 50_000) },
  { name: "negative.bmp", bytes: bmp(-1, -2_147_483_648) },
  { name: "huge.gif", bytes: gif(65_535, 65_535) },
  { name: "huge.jpg", bytes: jpeg(65_500, 65_500) },
  { name: "huge.tiff", bytes: tiff(0x7fffffff, 0x7fffffff) },
  { name: "channels.wav", bytes: wav({ channels: 65_535, sampleRate: 48_000 }) },
  { name: "rate.wav", bytes: wav({ channels: 2, sampleRate: 0xffffffff }) },
  { name: "still-rate.wav", bytes: wav({ channels: 2, sampleRate: 1 }) },
  { name: "none.wav", bytes: wav({ channels: 0, sampleRate: 0 }) },
];

/** Of one grey; `whole`: with all of its lines, otherwise only the beginning. */
export function png(width: number, height: number, whole: boolean): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.writeUInt8(8, 8);
  const lines = whole ? Buffer.alloc((width + 1) * height) : Buffer.alloc(1000);
  const chunks = [chunk("IHDR", head), chunk("IDAT", deflateSync(lines, { level: 1 })), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), ...chunks]);
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), body]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

function bmp(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(200);
  bytes.write("BM");
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

function gif(width: number, height: number): Buffer {
  const bytes = Buffer.from("GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\0\0\0\0\0\x02\x02L\x01\0;", "latin1");
  for (const at of [6, 24]) bytes.writeUInt16LE(width, at);
  for (const at of [8, 26]) bytes.writeUInt16LE(height, at);
  return bytes;
}

/** Its frame header (SOF0) states the size; the scan ends at once. */
function jpeg(width: number, height: number): Buffer {
  const bytes = Buffer.from("ffd8ffc0000b08000000000101110000ffda0008010100003f0000ffd9", "hex");
  bytes.writeUInt16BE(height, 7);
  bytes.writeUInt16BE(width, 9);
  return bytes;
}

/** Little-endian, with width, height and one strip as its only entries. */
function tiff(width: number, height: number): Buffer {
  const entries = [
    [256, width],
    [257, height],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 0],
    [279, 0xffffffff],
  ] as const;
  const bytes = Buffer.alloc(14 + 12 * entries.length);
  bytes.write("II*\0", "latin1");
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(entries.length, 8);
  for (const [i, [tag, value]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 10 + 12 * i);
    bytes.writeUInt16LE(4, 12 + 12 * i);
    bytes.writeUInt32LE(1, 14 + 12 * i);
    bytes.writeUInt32LE(value, 18 + 12 * i);
  }
  return bytes;
}

/** It claims 4 GB of samples. */
function wav({ channels, sampleRate }: { channels: number; sampleRate: number }): Buffer {
  const bytes = Buffer.alloc(44 + 4096);
  bytes.write("RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0", "latin1");
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE((sampleRate * channels * 2) % 2 ** 32, 28);
  bytes.writeUInt16LE((channels * 2) % 65_536, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data\xff\xff\xff\xff", 36, "latin1");
  return bytes;
}
