import type { Batch, Block, Failure } from "@polyreel/contract";
import { videoBlockNames } from "../choices.js";
import { hasInputs } from "../inputs.js";
import { failureOf, type Mistake } from "../mistake.js";
import { Suggestions } from "../nearest.js";
import { builtInPresets, type Presets } from "../presets.js";
import { quote } from "../quote.js";
import { selectionMistakes } from "../selection/selection.js";
import { checkAudio } from "./check-audio.js";
import { checkCanvases } from "./check-canvases.js";
import { checkChoices } from "./check-choices.js";
import { checkInputSettings } from "./check-inputs.js";
import { checkColumns, checkNaming } from "./check-naming.js";
import { checkNotify } from "./check-notify.js";
import { checkOutputs } from "./check-outputs.js";
import { checkPlaces } from "./check-places.js";
import { checkText } from "./check-text.js";
import { checkVoice } from "./check-voice.js";

/** Names with another meaning in a file name's template; `canvas` also in rules and among a combination's choices. */
const RESERVED = new Set(["id", "batch", "canvas"]);

/**
 * Everything wrong with a normalised batch beyond its schema, except for its number of combinations, in the batch's
 * order, each with the path of its field. Pure. Accepts batches that violate the schema too, so that all mistakes are
 * reported at once.
 */
export function checkBatch(batch: Batch, presets: Presets = builtInPresets): Failure[] {
  const mistakes: Mistake[] = [];
  for (const found of mistakesByPart(batch, presets)) {
    mistakes.push(...found.slice(0, MAX_MISTAKES));
    if (mistakes.length >= MAX_MISTAKES) break;
  }
  return mistakes.map((mistake) => failureOf(mistake));
}

/** More would not be read, and finding them takes time. */
const MAX_MISTAKES = 1000;

function* mistakesByPart(batch: Batch, presets: Presets): Generator<Mistake[]> {
  const { blocks } = batch;
  const suggestions = new Suggestions();
  yield checkContent(batch);
  if (hasInputs(batch)) yield checkInputSettings(batch);
  else yield checkCanvases(batch);
  for (const [index, block] of blocks.entries()) {
    yield checkName(block.name, index, blocks);
    yield checkPlaces(block, `blocks[${index}]`, blocks, suggestions);
    yield checkAudio(block, `blocks[${index}]`, blocks);
    yield checkText(block, `blocks[${index}]`, blocks, suggestions);
    yield checkVoice(block, `blocks[${index}]`);
    yield checkChoices(block, index);
  }
  yield selectionMistakes(batch);
  yield checkNaming(batch);
  yield checkColumns(batch);
  yield checkOutputs(batch, presets);
  yield checkNotify(batch.notify);
}

function checkContent({ blocks, inputs }: Batch): Mistake[] {
  if (blocks.length === 0) return [NOTHING_TO_MAKE];
  if (inputs.length > 0) return [BLOCKS_AND_INPUTS];
  if (videoBlockNames(blocks).length > 0 || hasInputs({ blocks })) return [];
  return [
    {
      field: "blocks",
      reason: "The batch has no video block.",
      remedy: "Add a block with video choices: every combination needs a picture.",
    },
  ];
}

const NOTHING_TO_MAKE = {
  field: "blocks",
  reason: "The batch has neither blocks nor inputs.",
  remedy: "Add at least one video block, or list media to process as they are under inputs.",
};

const BLOCKS_AND_INPUTS = {
  field: "inputs",
  reason: "The batch has both blocks and inputs.",
  remedy: "Keep one: blocks are combined, inputs are processed as they are. Make two batches of them to have both.",
};

function checkName(name: string, index: number, blocks: readonly Block[]): Mistake[] {
  const mistakes: Mistake[] = [];
  const place = { block: name, field: `blocks[${index}].name` };
  const first = blocks.findIndex((block) => block.name === name);
  if (first < index && name) {
    mistakes.push({
      ...place,
      reason: `Two blocks are named ${quote(name)}: blocks[${first}] and blocks[${index}].`,
      remedy: "Give each block a name of its own.",
    });
  }
  if (RESERVED.has(name)) {
    mistakes.push({
      ...place,
      reason: `A block can't be named ${quote(name)}: {${name}} has a meaning of its own in file names.`,
      remedy: "Give the block another name.",
    });
  }
  return mistakes;
}
