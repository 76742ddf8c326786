import { type Block, type VideoChoice, Zoom } from "@polyreel/contract";
import { choicePath, choicesOf } from "../choices.js";
import { hasInputs } from "../inputs.js";
import type { Mistake } from "../mistake.js";
import { quote } from "../quote.js";
import { checkSource } from "./check-source.js";

/** Mistakes in a block's choices, beyond the schema. `at`: index of the block in the batch. */
export function checkChoices(block: Block, at: number): Mistake[] {
  const { kind, name } = block;
  if (kind.case === undefined) return [];
  const first = new Map<string, number>();
  return choicesOf(block).flatMap((choice, index) => {
    const path = choicePath(block, at, index);
    const found: Omit<Mistake, "block" | "choice">[] = [];
    const before = first.get(choice.label);
    if (before === undefined) first.set(choice.label, index);
    else {
      found.push({ field: `${path}.label`, ...sameLabel(block, choice.label, before, index) });
    }
    if ("media" in choice) found.push(...footage(choice, path));
    else if ("source" in choice) found.push(...checkSource(choice.source, `${path}.source`));
    return found.map((mistake) => ({ ...mistake, block: name, choice: choice.label }));
  });
}

const sameLabel = (block: Block, label: string, first: number, second: number): Pick<Mistake, "reason" | "remedy"> =>
  hasInputs({ blocks: [block] })
    ? {
        reason: `Two inputs go by ${quote(label)}: inputs[${first}] and inputs[${second}].`,
        remedy: "Give each input a label of its own.",
      }
    : {
        reason: `Two choices of block ${quote(block.name)} go by ${quote(label)}: choices[${first}] and choices[${second}].`,
        remedy: "Give each choice a label of its own.",
      };

/** A setting without effect is a mistake: its author expects an effect. */
function footage(choice: VideoChoice, path: string): Omit<Mistake, "block" | "choice">[] {
  const found: Omit<Mistake, "block" | "choice">[] = [];
  if (choice.media.case) found.push(...checkSource(choice.media.value, `${path}.${choice.media.case}`));
  if (choice.media.case === "source" && choice.duration) {
    found.push({
      field: `${path}.duration`,
      reason: "A duration is for stills; this choice is footage.",
      remedy: "Write it as trim: {duration: ...}, or give the picture as image.",
    });
  }
  if (choice.media.case === "image" && choice.trim) {
    found.push({
      field: `${path}.trim`,
      reason: "A still has no stretch to trim.",
      remedy: "Set its duration: how long it is shown.",
    });
  }
  if (choice.media.case === "source" && (choice.zoom === Zoom.IN || choice.zoom === Zoom.OUT)) {
    found.push({
      field: `${path}.zoom`,
      reason: "A zoom is for stills; this choice is footage.",
      remedy: "Leave it out, or give a picture as image.",
    });
  }
  if (choice.media.case === "source" && choice.scale !== undefined && choice.scale !== 1) {
    found.push({
      field: `${path}.scale`,
      reason: "A scale is for stills; this choice is footage.",
      remedy: "Leave it out, or give a picture as image.",
    });
  }
  return found;
}
