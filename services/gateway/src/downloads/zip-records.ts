/**
 * The records of a ZIP archive (PKWARE's APPNOTE 6.3.10) whose files are stored uncompressed, each followed by its CRC-32 and
 * size. Records with 64 bits are used where needed. Pure.
 */

/** What is known of a file before its bytes. */
export interface ZipFile {
  /** Path in the archive. */
  readonly name: string;
  readonly modifiedAt: Date;
  readonly sizeBytes: number;
}

/** A written file. */
export interface WrittenZipFile extends ZipFile {
  readonly crc32: number;
  /** Position of its local header. */
  readonly offset: number;
}

const MAX_32 = 0xffff_ffff;
const MAX_16 = 0xffff;
/** Version 4.5, the first one with records of 64 bits. */
const VERSION = 45;
/** Made on UNIX, so that the permissions count. */
const MADE_BY = (3 << 8) | VERSION;
/** A regular file, rw-r--r--. */
const ATTRIBUTES = (0o100644 << 16) >>> 0;
/** CRC-32 and size follow the bytes; names are in UTF-8. */
const FLAGS = (1 << 3) | (1 << 11);
const STORED = 0;

const isLarge = (sizeBytes: number): boolean => sizeBytes >= MAX_32;

export function localHeader({ name, modifiedAt, sizeBytes }: ZipFile): Buffer {
  const encoded = Buffer.from(name);
  const large = isLarge(sizeBytes);
  const record = Buffer.alloc(30 + encoded.length + (large ? 20 : 0) + TIME_BYTES);
  let at = record.writeUInt32LE(0x0403_4b50);
  at = record.writeUInt16LE(VERSION, at);
  at = record.writeUInt16LE(FLAGS, at);
  at = record.writeUInt16LE(STORED, at);
  at = writeDosTime(record, modifiedAt, at);
  at += 4; // CRC-32
  // Sizes follow the bytes; with 64 bits this marker says so.
  at = record.writeUInt32LE(large ? MAX_32 : 0, at);
  at = record.writeUInt32LE(large ? MAX_32 : 0, at);
  at = record.writeUInt16LE(encoded.length, at);
  at = record.writeUInt16LE((large ? 20 : 0) + TIME_BYTES, at);
  at += encoded.copy(record, at);
  if (large) {
    at = record.writeUInt16LE(0x0001, at);
    at = record.writeUInt16LE(16, at) + 16;
  }
  writeTime(record, modifiedAt, at);
  return record;
}

/** Follows a file's bytes. */
export function dataDescriptor({ sizeBytes, crc32 }: Pick<WrittenZipFile, "sizeBytes" | "crc32">): Buffer {
  const large = isLarge(sizeBytes);
  const record = Buffer.alloc(large ? 24 : 16);
  let at = record.writeUInt32LE(0x0807_4b50);
  at = record.writeUInt32LE(crc32, at);
  for (let i = 0; i < 2; i++) {
    at = large ? record.writeBigUInt64LE(BigInt(sizeBytes), at) : record.writeUInt32LE(sizeBytes, at);
  }
  return record;
}

/** The file's record in the directory at the end. */
export function directoryRecord({ name, modifiedAt, sizeBytes, crc32, offset }: WrittenZipFile): Buffer {
  const encoded = Buffer.from(name);
  const wide = [...(isLarge(sizeBytes) ? [sizeBytes, sizeBytes] : []), ...(offset >= MAX_32 ? [offset] : [])];
  const extraBytes = (wide.length > 0 ? 4 + 8 * wide.length : 0) + TIME_BYTES;
  const record = Buffer.alloc(46 + encoded.length + extraBytes);
  let at = record.writeUInt32LE(0x0201_4b50);
  at = record.writeUInt16LE(MADE_BY, at);
  at = record.writeUInt16LE(VERSION, at);
  at = record.writeUInt16LE(FLAGS, at);
  at = record.writeUInt16LE(STORED, at);
  at = writeDosTime(record, modifiedAt, at);
  at = record.writeUInt32LE(crc32, at);
  at = record.writeUInt32LE(Math.min(sizeBytes, MAX_32), at);
  at = record.writeUInt32LE(Math.min(sizeBytes, MAX_32), at);
  at = record.writeUInt16LE(encoded.length, at);
  at = record.writeUInt16LE(extraBytes, at);
  at += 6; // No comment, first disk, no internal attributes.
  at = record.writeUInt32LE(ATTRIBUTES, at);
  at = record.writeUInt32LE(Math.min(offset, MAX_32), at);
  at += encoded.copy(record, at);
  if (wide.length > 0) {
    at = record.writeUInt16LE(0x0001, at);
    at = record.writeUInt16LE(8 * wide.length, at);
    for (const value of wide) at = record.writeBigUInt64LE(BigInt(value), at);
  }
  writeTime(record, modifiedAt, at);
  return record;
}

export interface ZipDirectory {
  readonly files: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** The end of the archive, which readers look for first. */
export function endRecords({ files, offset, sizeBytes }: ZipDirectory): Buffer {
  const large = files >= MAX_16 || offset >= MAX_32 || sizeBytes >= MAX_32;
  const record = Buffer.alloc((large ? 76 : 0) + 22);
  let at = 0;
  if (large) {
    at = record.writeUInt32LE(0x0606_4b50);
    at = record.writeBigUInt64LE(44n, at);
    at = record.writeUInt16LE(MADE_BY, at);
    at = record.writeUInt16LE(VERSION, at) + 8;
    for (const value of [files, files, sizeBytes, offset]) at = record.writeBigUInt64LE(BigInt(value), at);
    at = record.writeUInt32LE(0x0706_4b50, at) + 4;
    at = record.writeBigUInt64LE(BigInt(offset + sizeBytes), at);
    at = record.writeUInt32LE(1, at);
  }
  at = record.writeUInt32LE(0x0605_4b50, at) + 4;
  for (let i = 0; i < 2; i++) at = record.writeUInt16LE(Math.min(files, MAX_16), at);
  at = record.writeUInt32LE(Math.min(sizeBytes, MAX_32), at);
  record.writeUInt32LE(Math.min(offset, MAX_32), at);
  return record;
}

/** MS-DOS's local time, which has no zone: UTC here. It begins in 1980. */
function writeDosTime(record: Buffer, time: Date, at: number): number {
  const year = Math.min(Math.max(time.getUTCFullYear(), 1980), 2107);
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  const day = ((year - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
  return record.writeUInt16LE(day, record.writeUInt16LE(clock, at));
}

/** Size of the extra field with the time in UTC, which most readers prefer. */
const TIME_BYTES = 9;

function writeTime(record: Buffer, time: Date, at: number): void {
  at = record.writeUInt16LE(0x5455, at);
  at = record.writeUInt16LE(5, at);
  at = record.writeUInt8(1, at); // Of the modification only.
  record.writeInt32LE(Math.min(Math.floor(time.getTime() / 1000), 0x7fff_ffff), at);
}
