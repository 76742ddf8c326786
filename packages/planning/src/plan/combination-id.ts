import { hash } from "node:crypto";
import type { Chosen } from "@polyreel/contract";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const CHARACTERS = 12;

/**
 * Identifies a combination by its choices alone, independently of the rest of the batch, so that a batch submitted
 * again with one choice replaced keeps the ids of all others. 60 bits of SHA-256 in base32.
 */
export const combinationId = (choices: readonly Pick<Chosen, "block" | "choice">[]): string =>
  idOfJson(JSON.stringify(choices.map(({ block, choice }) => [block, choice])));

/** The same from the compact JSON of its choices: pairs of block and choice. */
export function idOfJson(choices: string): string {
  const bytes = hash("sha256", choices, "buffer");
  let id = "";
  for (let i = 0; i < CHARACTERS; i++) {
    const bit = i * 5;
    const two = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    id += BASE32[(two >> (11 - (bit & 7))) & 31];
  }
  return id;
}
