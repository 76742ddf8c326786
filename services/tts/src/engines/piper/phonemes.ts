import { PolyreelError } from "@polyreel/platform";
import { runEngine } from "../run-engine.js";

const PROGRAM = "espeak-ng";
/** "(en)": from here on, espeak-ng reads by the rules of another language. */
const LANGUAGE_SWITCH = /\([a-z]{2,3}[a-z0-9-]*\)/g;

/**
 * The phonemes of each clause, in IPA, as espeak-ng's voice reads it. Throws PolyreelError `not_found` if espeak-ng is not
 * installed.
 *
 * @param clauses without line ends
 */
export async function phonemesOf(clauses: readonly string[], voice: string, signal: AbortSignal): Promise<string[]> {
  if (clauses.length === 0) return [];
  const lines = await linesFor(clauses, voice, signal);
  if (lines.length === clauses.length) return lines;
  // espeak-ng prints a line for each of its own clauses, which differ where a clause is very long.
  const separate: string[] = [];
  for (const clause of clauses) separate.push((await linesFor([clause], voice, signal)).join(" "));
  return separate;
}

/** Names the voice if espeak-ng does not have it; other errors stay. */
export function namingVoice(voice: string, error: unknown): unknown {
  if (!(error instanceof PolyreelError && error.cause instanceof Error)) return error;
  if (!/voice does not exist/i.test(error.cause.message)) return error;
  const reason = `The model needs espeak-ng's voice "${voice}", which this espeak-ng does not have.`;
  return new PolyreelError("precondition", { reason, remedy: "Install a newer espeak-ng, or use another voice." });
}

/** espeak-ng's lines for texts of a line each. */
async function linesFor(texts: readonly string[], voice: string, signal: AbortSignal): Promise<string[]> {
  // -b 1: the text is UTF-8. "[[" would start phonemes.
  const args = ["-v", voice, "-q", "--ipa", "-b", "1"];
  const stdin = `${texts.join("\n").replaceAll("[[", "[ [")}\n`;
  const printed = await runEngine({ program: PROGRAM, args, stdin, signal }).catch((error: unknown) => {
    throw namingVoice(voice, error);
  });
  return printed
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.replace(LANGUAGE_SWITCH, "").trim());
}
