import type { Output, Storyboard } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { quote, quoteAll } from "../quote.js";

/** Checks that the cues of a storyboard name one. `field`: the operation's path. */
export function checkStoryboard({ cuesOf }: Storyboard, field: string, outputs: readonly Output[]): Mistake[] {
  const sheets = outputs.flatMap(({ name, operation }) =>
    operation.case === "storyboard" && operation.value.cuesOf === "" ? name : [],
  );
  if (cuesOf === "" || sheets.includes(cuesOf)) return [];
  return [
    {
      field: `${field}.cuesOf`,
      reason: `There is no storyboard named ${quote(cuesOf)} whose cues this output could be.`,
      remedy:
        sheets.length > 0
          ? `The storyboards are ${quoteAll(sheets)}.`
          : "Add the storyboard as another output, or leave cuesOf out: a storyboard has its cues beside it.",
    },
  ];
}
