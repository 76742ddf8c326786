import type { Batch } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { quote } from "../quote.js";
import { checkSource } from "./check-source.js";

/** Checks that the canvases of a normalised batch are unambiguous. */
export function checkCanvases({ canvas, canvases }: Batch): Mistake[] {
  const mistakes = checkSource(canvas?.backgroundPicture, "canvas.backgroundPicture");
  if (canvas && canvases.length > 0) {
    mistakes.push({
      field: "canvas",
      reason: "The batch has both a canvas and several canvases.",
      remedy: "Make it one more of the canvases, or leave one of the two out.",
    });
  }
  const first = new Map<string, number>();
  for (const [index, { label, backgroundPicture }] of canvases.entries()) {
    mistakes.push(...checkSource(backgroundPicture, `canvases[${index}].backgroundPicture`));
    const before = first.get(label);
    if (before === undefined) first.set(label, index);
    else {
      mistakes.push({
        field: `canvases[${index}].label`,
        reason: `Two canvases go by ${quote(label)}: canvases[${before}] and canvases[${index}].`,
        remedy: "Give each canvas a label of its own.",
      });
    }
  }
  return mistakes;
}
