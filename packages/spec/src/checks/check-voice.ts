import type { Block } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";

/** Checks a voice block's lines. `at` is the block's own path. */
export function checkVoice({ name, kind }: Block, at: string): Mistake[] {
  if (kind.case !== "voice") return [];
  return kind.value.choices.flatMap((choice, index) => {
    const path = `${at}.voice.choices[${index}]`;
    const lines = [choice, ...choice.next];
    return lines.flatMap(({ text, say }, line) =>
      say === "" || text.trim() !== ""
        ? []
        : [
            {
              ...{ block: name, choice: choice.label },
              field: line === 0 ? `${path}.say` : `${path}.next[${line - 1}].say`,
              reason: "The line has a say without a text.",
              remedy: "Write as text what captions show; say is only how that is spoken.",
            },
          ],
    );
  });
}
