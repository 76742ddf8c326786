import type { Certificate, SubtitlesPlan } from "@polyreel/contract";
import { layOutSubtitles } from "@polyreel/media/operations";
import type { OutputWork } from "./output-work.js";

/** A subtitle file. It waits for nothing, and lies nowhere: whoever delivers or serves it lays it out from its plan. */
export const subtitlesOutput = (output: OutputWork, plan: SubtitlesPlan): Promise<Certificate> =>
  output.make(async () => layOutSubtitles(plan).certificate);
