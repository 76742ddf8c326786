import { PolyreelError } from "@polyreel/platform";
import { runEngine } from "./run-engine.js";

/** espeak-ng would read other names as paths of voices. */
const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{1,8})*$/;
/** Marks a switch to English in words of another language that it cannot read. */
const IN_ENGLISH = "(en)";

/**
 * Phonemes (IPA) of words in a language (BCP 47), each read alone: empty for words that espeak-ng cannot read. Undefined if it
 * does not know the language, or is not installed.
 */
export async function espeakPhonemes(
  words: readonly string[],
  language: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const tag = language.toLowerCase();
  if (!LANGUAGE.test(tag)) return undefined;
  for (const voice of new Set([tag, tag.split("-")[0] ?? ""])) {
    // Each word is a paragraph without the end of a clause, so that it is printed as one line.
    const stdin = words.map((word) => `${withoutPunctuation(word)}\n\n`).join("");
    const args = ["-v", voice, "-q", "--ipa", "-b", "1", "--stdin"];
    const printed = await runEngine({ program: "espeak-ng", args, stdin, exitCodes: [0, 1], signal }).catch(
      notInstalled,
    );
    const lines = printed.split("\n").filter((line) => line.trim() !== "");
    if (lines.length !== words.length) continue;
    return lines.map((line) =>
      tag.startsWith("en") || !line.includes(IN_ENGLISH) ? line.replace(/\([a-z-]+\)/g, "") : "",
    );
  }
  return undefined;
}

/** Keeps the marks within numbers and abbreviations: "1,200", "a.m". */
const withoutPunctuation = (word: string): string =>
  word.replace(/[^\p{L}\p{N}\p{M}%&+@'’$£€.,-]+/gu, " ").replace(/[.,]{2,}|[.,](?=\s|$)/g, " ");

function notInstalled(error: unknown): string {
  if (error instanceof PolyreelError && error.code === "not_found") return "";
  throw error;
}
