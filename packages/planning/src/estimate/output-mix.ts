import type { Batch } from "@polyreel/contract";
import { isVirtual } from "@polyreel/spec";

/** How many outputs and deliveries of each kind a combination of a batch has, as far as they cost differently. */
export interface OutputMix {
  /** Outputs that are a joined video, and their deliveries into folders and virtual ones. */
  readonly videos: number;
  readonly written: number;
  readonly virtual: number;
  /** Outputs whose frames are decoded. */
  readonly pictures: number;
  /** Outputs that are laid out as a video is, and weigh little beside it: sound and subtitles. */
  readonly others: number;
}

export function outputMixOf({ outputs }: Batch): OutputMix {
  const videos = outputs.filter(({ operation }) => operation.case === "mp4");
  const pictures = outputs.filter(({ operation: { case: kind } }) => kind === "thumbnail" || kind === "contactSheet");
  const destinations = videos.flatMap(({ to }) => to);
  const virtual = destinations.filter(isVirtual).length;
  return {
    ...{ videos: videos.length, written: destinations.length - virtual, virtual, pictures: pictures.length },
    others: outputs.length - videos.length - pictures.length,
  };
}
