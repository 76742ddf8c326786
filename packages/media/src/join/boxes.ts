/** Writes ISO base media file format boxes (ISO/IEC 14496-12, section 4.2): a 32-bit size, a four-letter type, content. */

/** Unsigned 16-bit integers, big endian. */
export function u16(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, 2 * i);
  return bytes;
}

/** Unsigned 32-bit integers, big endian. */
export const u32 = (...values: number[]): Buffer => u32s(values);

/** Like u32, for lists that are too long to be arguments. */
export function u32s(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  for (let i = 0; i < values.length; i++) bytes.writeUInt32BE(values[i] as number, 4 * i);
  return bytes;
}

/** Unsigned 64-bit integers, big endian. */
export const u64 = (...values: number[]): Buffer => u64s(values);

function u64s(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.allocUnsafe(8 * values.length);
  for (let i = 0; i < values.length; i++) bytes.writeBigUInt64BE(BigInt(values[i] as number), 8 * i);
  return bytes;
}

/** Four letters. */
export const fourcc = (code: string): Buffer => Buffer.from(code, "latin1");

export const zeros = (length: number): Buffer => Buffer.alloc(length);

/** A box to be written: boxes are nested, and each byte should be copied only once. */
export interface Box {
  readonly type: string;
  readonly sizeBytes: number;
  readonly content: readonly Content[];
}

export type Content = Uint8Array | Box;

export const box = (type: string, ...content: Content[]): Box => ({
  type,
  sizeBytes: content.reduce((sum, one) => sum + sizeOf(one), 8),
  content,
});

/** A box that begins with a version and 24 bits of flags. */
export const fullBox = (type: string, version: number, flags: number, ...content: Content[]): Box =>
  box(type, u32(version * 0x1000000 + flags), ...content);

export const sizeOf = (content: Content): number => ("type" in content ? content.sizeBytes : content.length);

/** Concatenates contents. */
export function bytesOf(...content: Content[]): Buffer {
  const bytes = Buffer.allocUnsafe(content.reduce((sum, one) => sum + sizeOf(one), 0));
  content.reduce((at, one) => write(bytes, at, one), 0);
  return bytes;
}

/** Returns the end position. */
function write(bytes: Buffer, at: number, content: Content): number {
  if (!("type" in content)) {
    bytes.set(content, at);
    return at + content.length;
  }
  bytes.writeUInt32BE(content.sizeBytes, at);
  bytes.write(content.type, at + 4, "latin1");
  return content.content.reduce<number>((next, one) => write(bytes, next, one), at + 8);
}

/** The largest value of a 32-bit field. */
export const MAX_U32 = 0xffff_ffff;
