import { type Batch, type Block, type Mistake, type Output, operationOf, quote, Sound } from "@polyreel/contract";
import { sizeInSheet } from "@polyreel/media/operations/picture-size.js";
import { PolyreelError } from "@polyreel/platform/errors.js";

/** What is wrong with the operations of a normalised batch's outputs: what no combination has, and pictures beyond all bounds. */
export function checkOperations(batch: Batch): Mistake[] {
  return batch.outputs.flatMap((output, i) => {
    const field = `outputs[${i}].${output.operation.case}`;
    const { needs } = operationOf(output);
    if (needs.speech && !batch.blocks.some(speaks)) return [{ field, ...speechless(output) }];
    const isAudio = needs.sound && !needs.clips;
    if (isAudio && !batch.blocks.some((block) => speaks(block) || sounds(block)))
      return [{ field, ...soundless(output) }];
    return checkPicture(output, field, batch);
  });
}

const speaks = ({ kind }: Block): boolean =>
  kind.case === "voice" &&
  kind.value.choices.some(({ text, next }) => [text, ...next.map((line) => line.text)].some(isSpoken));

const isSpoken = (text: string): boolean => text.trim() !== "";

/** Whether it may be heard: footage may turn out to be silent. */
function sounds({ kind }: Block): boolean {
  if (kind.case === "audio") return kind.value.choices.some(({ source }) => source !== undefined);
  if (kind.case !== "video") return false;
  return kind.value.choices.some(({ media, sound }) => media.case === "source" && sound !== Sound.MUTED);
}

function checkPicture({ operation }: Output, field: string, { canvas, canvases }: Batch): Mistake[] {
  if (operation.case !== "thumbnail" && operation.case !== "contactSheet") return [];
  const { width } = operation.value;
  const { columns, rows } = operation.case === "contactSheet" ? operation.value : { columns: 1, rows: 1 };
  try {
    for (const one of canvases.length > 0 ? canvases : canvas ? [canvas] : [])
      sizeInSheet({ width, columns, count: columns * rows }, one);
    return [];
  } catch (error) {
    if (!(error instanceof PolyreelError)) throw error;
    const { reason, remedy } = error.failure;
    return [{ field: `${field}.width`, reason, remedy }];
  }
}

const speechless = ({ name }: Output) => ({
  reason: `Output ${quote(name)} would be empty: no voice block of the batch has a text.`,
  remedy: "Add a voice block, or leave the output out.",
});

const soundless = ({ name }: Output) => ({
  reason: `Output ${quote(name)} would be empty: all videos are muted or stills, and no voice or audio block is heard.`,
  remedy: "Keep the sound of a video, add a voice or an audio block, or leave the output out.",
});
