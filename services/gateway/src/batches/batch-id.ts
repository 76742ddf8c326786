import { createHash, randomBytes } from "node:crypto";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const CHARACTERS = 20;

/**
 * A batch's id, determined by tenant and request id, so that a repeated request finds its batch; random without a
 * request id. 100 bits in base32, starting with a letter.
 */
export function batchIdOf(tenant: string, requestId: string): string {
  const bytes = requestId ? createHash("sha256").update(`${tenant}\0${requestId}`).digest() : randomBytes(13);
  let bits = BigInt(`0x${bytes.subarray(0, 13).toString("hex")}`) >> 4n; // 104 bits, of which 100 are used.
  let id = "";
  for (let i = 0; i < CHARACTERS; i++, bits >>= 5n) id = BASE32[Number(bits & 31n)] + id;
  return `b${id}`;
}
