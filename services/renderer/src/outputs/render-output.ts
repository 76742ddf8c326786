import type { Certificate } from "@polyreel/contract";
import { layOutSubtitles } from "@polyreel/media/operations";
import { errorCodeOf, PolyreelError } from "@polyreel/platform";
import type { Renderer } from "../service.js";
import { audioOutput } from "./audio-output.js";
import { imageOutput } from "./image-output.js";
import { inputOutput } from "./input-output.js";
import { joinOutput } from "./join-output.js";
import type { OutputWork } from "./output-work.js";
import { pictureOutput } from "./picture-output.js";
import { renditionOutput } from "./rendition-output.js";

/** Lays out and certifies an output by its operation. */
export async function renderOutput(output: OutputWork, renderer: Renderer): Promise<Certificate> {
  const { operation, failure } = output.plan;
  if (failure) throw new PolyreelError(errorCodeOf(failure), failure);
  const { input } = output.combination;
  if (operation.case === "image") return imageOutput(output, operation.value, renderer);
  if (operation.case === "rendition") return renditionOutput(output, operation.value, renderer);
  // A combination that is an input has only outputs of that input.
  if (input) return inputOutput(output, input, renderer);
  switch (operation.case) {
    case "picture":
      return pictureOutput(output, operation.value, renderer);
    case "subtitles":
      // Needs no parts and has no stored bytes: delivering or serving it lays it out again from its plan.
      return output.make(async () => layOutSubtitles(operation.value).certificate);
    case "audio":
      return audioOutput(output, renderer);
    case undefined:
      return joinOutput(output, renderer);
    case "inputThumbnail":
    case "inputContactSheet":
      throw new PolyreelError("internal", "A picture of an input was planned without the input.");
  }
}
