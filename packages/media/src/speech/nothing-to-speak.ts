import { PolyreelError } from "@polyreel/platform";

/** The error for a text without letters and digits; undefined for others. */
export function nothingToSpeak(text: string): PolyreelError | undefined {
  if (/[^\p{P}\p{Z}\p{C}]/u.test(text)) return undefined;
  return new PolyreelError("invalid", {
    reason: "This text has nothing to speak.",
    remedy: "Add words, or leave the text empty for no speech.",
  });
}
