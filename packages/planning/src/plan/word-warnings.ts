import { type Batch, WarningCode } from "@polyreel/contract";
import type { Picked } from "./identity.js";
import type { PlacedLine, SpokenSpan } from "./timeline.js";
import type { Warning } from "./timeline-mistakes.js";

/** What a line's words are known of. */
type Words = Pick<PlacedLine, "isRecorded" | "text" | "words" | "wordsEstimated">;

function warningOf({ isRecorded, text, words, wordsEstimated }: Words): Pick<Warning, "code" | "reason"> | undefined {
  if (!isRecorded) return undefined;
  if (words.length === 0 && text === "") {
    return {
      code: WarningCode.WORDS_UNKNOWN,
      reason: "The recording's words are not known, so they are not shown. Give its text, or a file with its words.",
    };
  }
  if (words.length > 0 && !wordsEstimated) return undefined;
  return {
    code: WarningCode.WORDS_ESTIMATED,
    reason: "The times of the recording's words are estimated. A file with its words has exact ones.",
  };
}

/** Finds recordings whose words a combination shows without exact times, in captions or subtitles. */
export class WordWarnings {
  readonly #hasSubtitles: boolean;

  constructor(private readonly batch: Pick<Batch, "blocks" | "outputs">) {
    this.#hasSubtitles = batch.outputs.some(({ operation }) => operation.case === "subtitles");
  }

  /** One for each voice, that of its first such line. */
  of({ positions }: Pick<Picked, "positions">, spoken: readonly SpokenSpan[]): Warning[] {
    const found = new Map<string, Warning>();
    for (const { block, choice, line } of spoken) {
      const warning = found.has(block) ? undefined : warningOf(line);
      if (warning && this.#shows(block, positions)) found.set(block, { block, choice, ...warning });
    }
    return [...found.values()];
  }

  #shows(voice: string, positions: Picked["positions"]): boolean {
    if (this.#hasSubtitles) return true;
    return this.batch.blocks.some(
      ({ kind }, index) => kind.case === "text" && kind.value.choices[positions[index] ?? 0]?.captions === voice,
    );
  }
}
