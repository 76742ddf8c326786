import { createHash } from "node:crypto";
import type { Chosen } from "@polyreel/contract";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const CHARACTERS = 12;

/**
 * Identifies a combination by its choices alone: the same in every batch, whatever else that batch holds, so that a batch
 * submitted again with one choice replaced keeps the ids of all others. 60 bits of SHA-256 in base32.
 */
export function combinationId(choices: readonly Pick<Chosen, "block" | "choice">[]): string {
  const bytes = createHash("sha256")
    .update(JSON.stringify(choices.map(({ block, choice }) => [block, choice])))
    .digest();
  let bits = bytes.readBigUInt64BE() >> 4n;
  let id = "";
  for (let i = 0; i < CHARACTERS; i++, bits >>= 5n) id = BASE32[Number(bits & 31n)] + id;
  return id;
}
