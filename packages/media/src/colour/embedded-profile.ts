import { type FileHandle, open } from "node:fs/promises";
import { inflateSync } from "node:zlib";

/** Profiles of screens and cameras have a few kilobytes. */
const MAX_PROFILE_BYTES = 4 << 20;
/** These formats place the profile before the picture data, after other metadata at most. */
const SEARCHED_BYTES = 8 << 20;

/** The ICC profile embedded in a still; undefined if there is none, or if it cannot be read. */
export async function embeddedProfile(path: string): Promise<Buffer | undefined> {
  const file = await open(path);
  try {
    return await profileOf(file);
  } finally {
    await file.close();
  }
}

async function profileOf(file: FileHandle): Promise<Buffer | undefined> {
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(size, SEARCHED_BYTES));
  await file.read(head, 0, head.length, 0);
  try {
    if (head.readUInt16BE(0) === 0xffd8) return ofJpeg(head);
    if (head.toString("latin1", 1, 4) === "PNG") return ofPng(head);
    if (head.toString("latin1", 8, 12) === "WEBP") return ofWebp(head);
    if (/^(II\*\0|MM\0\*)/.test(head.toString("latin1", 0, 4))) return await ofTiff(file, head);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // Read beyond the end.
    throw error;
  }
}

/** ICC.1:2010, B.4: pieces in APP2 segments, each with its number and the total. */
function ofJpeg(bytes: Buffer): Buffer | undefined {
  const pieces = new Map<number, Buffer>();
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++; // Fill bytes.
      continue;
    }
    if (marker === 0xda) break; // Start of the picture data.
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xe2 && bytes.toString("latin1", at + 4, at + 16) === "ICC_PROFILE\0") {
      pieces.set(bytes.readUInt8(at + 16), bytes.subarray(at + 18, end));
    }
    at = end;
  }
  if (pieces.size === 0) return undefined;
  return Buffer.concat([...pieces].sort(([a], [b]) => a - b).map(([, piece]) => piece));
}

/** PNG, 11.3.2.3: a name, the method (0), and the compressed profile. */
function ofPng(bytes: Buffer): Buffer | undefined {
  for (let at = 8; ; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    const kind = bytes.toString("latin1", at + 4, at + 8);
    if (kind === "IDAT" || kind === "IEND") return undefined;
    if (kind === "iCCP") return inflated(bytes.subarray(bytes.indexOf(0, at + 8) + 2, end));
    at = end + 4;
  }
}

function inflated(bytes: Buffer): Buffer | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_PROFILE_BYTES });
  } catch {
    return undefined; // Damaged, or decompresses to too much.
  }
}

function ofWebp(bytes: Buffer): Buffer | undefined {
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    if (bytes.toString("latin1", at, at + 4) === "ICCP") return bytes.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  return undefined;
}

const ICC_TAG = 34675;

/** A tag of the first directory, which may be anywhere in a TIFF. */
async function ofTiff(file: FileHandle, head: Buffer): Promise<Buffer | undefined> {
  const little = head[0] === 0x49;
  const u16 = (bytes: Buffer, at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (bytes: Buffer, at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const read = async (offset: number, length: number) => {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  };
  const offset = u32(head, 4);
  const count = u16(await read(offset, 2), 0);
  const entries = await read(offset + 2, 12 * count);
  for (let at = 0; at < entries.length; at += 12) {
    if (u16(entries, at) !== ICC_TAG) continue;
    const length = u32(entries, at + 4);
    return length > MAX_PROFILE_BYTES ? undefined : read(u32(entries, at + 8), length);
  }
  return undefined;
}
