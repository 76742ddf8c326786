import type { S3Address } from "./s3-address.js";
import { S3Client } from "./s3-client.js";
import { S3Connection } from "./s3-connection.js";
import type { S3KeySource } from "./s3-keys.js";

export interface ConnectOptions {
  /** How long the server may take to respond. */
  readonly deadlineMs?: number;
  /** Delay before the first repetition of a request; later ones wait longer. */
  readonly firstDelayMs?: number;
}

const DEADLINE_MS = 30_000;
const FIRST_DELAY_MS = 200;
/** S3's limit of 10,000 parts then allows the largest source that a gateway accepts by default, 100 GiB. */
export const PART_BYTES = 11 << 20;
export const PAGE_KEYS = 1000;

export function connectS3(
  address: S3Address,
  keys: S3KeySource,
  { deadlineMs = DEADLINE_MS, firstDelayMs = FIRST_DELAY_MS }: ConnectOptions = {},
): S3Client {
  return new S3Client(new S3Connection(address, keys, { deadlineMs }), firstDelayMs);
}
