import type { Batch } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { INPUT_OPERATIONS } from "../operations.js";
import { quote } from "../quote.js";
import { checkImage } from "./check-image.js";

/** Refuses settings that have no effect on inputs. */
export function checkInputSettings({ canvas, canvases, loudnessLufs }: Batch): Mistake[] {
  const withCanvas = (field: string): Mistake => ({
    field,
    reason: "Inputs are processed as they are, on no canvas.",
    remedy: `Leave ${field} out; set the size of a picture by its output's width.`,
  });
  return [
    ...(canvas ? [withCanvas("canvas")] : []),
    ...(canvases.length > 0 ? [withCanvas("canvases")] : []),
    ...(loudnessLufs !== 0
      ? [
          {
            field: "loudnessLufs",
            reason: "Inputs are processed as they are: their loudness does not change.",
            remedy: "Leave loudnessLufs out.",
          },
        ]
      : []),
  ];
}

/** Checks that the outputs of a normalised batch can be made of inputs. */
export function checkInputOutputs({ outputs }: Batch): Mistake[] {
  const named = `${INPUT_OPERATIONS.slice(0, -1).join(", ")} or ${INPUT_OPERATIONS.at(-1)}`;
  if (outputs.length === 0) {
    return [
      {
        field: "outputs",
        reason: "The batch has inputs and no outputs: nothing would be made of them.",
        remedy: `Name at least one output: ${named}, as in outputs: [{thumbnail: {at: 1s}}].`,
      },
    ];
  }
  return outputs.flatMap((output, i) => {
    const kind = output.operation.case ?? "mp4";
    if (output.operation.case === "image") return checkImage(output.operation.value, `outputs[${i}].image`);
    if (INPUT_OPERATIONS.includes(kind)) return [];
    return [
      {
        field: `outputs[${i}]`,
        reason: `Output ${quote(output.name)} is ${kind}, which can be made of blocks only, not of inputs.`,
        remedy: `Make it ${named}, or list the media as choices of video blocks.`,
      },
    ];
  });
}
