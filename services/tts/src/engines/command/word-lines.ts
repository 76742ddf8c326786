import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";

/**
 * The words that a command wrote: a line of JSON for each, `{"text": "Half", "start": 0, "end": 0.31}`, in order and in
 * seconds from the beginning of the sound. Throws PolyreelError `precondition`.
 */
export function parseWordLines(text: string): SpokenWord[] {
  let before = 0;
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, index) => {
      const { text: word, start, end } = fieldsOf(line);
      if (typeof word !== "string" || typeof start !== "number" || typeof end !== "number") throw unusable(index);
      if (start < before || end < start || !Number.isFinite(end)) throw unusable(index);
      before = end;
      return create(SpokenWordSchema, { text: word, startSeconds: start, endSeconds: end });
    });
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

const unusable = (index: number): PolyreelError =>
  new PolyreelError("precondition", {
    reason: `Line ${index + 1} of the word times of POLYREEL_VOICE_COMMAND can't be used.`,
    remedy: 'Write a line such as {"text": "Half", "start": 0, "end": 0.31} for each word, in order and in seconds.',
  });
