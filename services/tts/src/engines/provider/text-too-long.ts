import { PolyreelError } from "@polyreel/platform";
import { quote } from "@polyreel/spec";

/** The error of a text that is longer than a model speaks at once, in characters; undefined if it is not. */
export function textTooLong(text: string, voice: string, model: string, most: number): PolyreelError | undefined {
  const { length } = [...text];
  if (length <= most) return undefined;
  return new PolyreelError("invalid", {
    field: "text",
    reason: `The text has ${length} characters, and the model ${quote(model)} of the voice ${quote(voice)} speaks at most ${most}.`,
    remedy: "Divide the text into several lines with next, or choose a model for longer texts.",
  });
}
