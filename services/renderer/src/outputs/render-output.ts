import type { Certificate } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Renderer } from "../service.js";
import { audioOutput } from "./audio-output.js";
import { inputOutput } from "./input-output.js";
import { joinOutput } from "./join-output.js";
import type { OutputWork } from "./output-work.js";
import { pictureOutput } from "./picture-output.js";
import { subtitlesOutput } from "./subtitles-output.js";

/** Lays out and certifies an output by its operation. */
export function renderOutput(output: OutputWork, renderer: Renderer): Promise<Certificate> {
  const { operation } = output.plan;
  const { input } = output.combination;
  // Of a combination that is an input nothing else is made.
  if (input) return inputOutput(output, input, renderer);
  switch (operation.case) {
    case "picture":
      return pictureOutput(output, operation.value, renderer);
    case "subtitles":
      return subtitlesOutput(output, operation.value);
    case "audio":
      return audioOutput(output, renderer);
    case undefined:
      return joinOutput(output, renderer);
    case "inputThumbnail":
    case "inputContactSheet":
      throw new PolyreelError("internal", "A picture of an input was planned without the input.");
  }
}
