import { createHash, randomBytes } from "node:crypto";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const CHARACTERS = 20;

/**
 * A batch's id: the same for the same tenant and request id, so that a request sent again finds its batch; a new one each
 * time where there is no request id. 100 bits in base32, with a letter in front.
 */
export function batchIdOf(tenant: string, requestId: string): string {
  const bytes = requestId ? createHash("sha256").update(`${tenant}\0${requestId}`).digest() : randomBytes(13);
  let bits = BigInt(`0x${bytes.subarray(0, 13).toString("hex")}`) >> 4n; // 104 bits, of which 100 are taken
  let id = "";
  for (let i = 0; i < CHARACTERS; i++, bits >>= 5n) id = BASE32[Number(bits & 31n)] + id;
  return `b${id}`;
}
