import { type Batch, isVirtual } from "@polyreel/contract";

/** How many outputs and deliveries of each kind a combination of a batch has, as far as they cost differently. */
export interface OutputMix {
  /** Outputs that are a joined video, and their deliveries into folders and virtual ones. */
  readonly videos: number;
  readonly written: number;
  readonly virtual: number;
  /** Outputs that are a picture. */
  readonly pictures: number;
}

export function outputMixOf({ outputs }: Batch): OutputMix {
  const videos = outputs.filter(({ operation }) => operation.case === "mp4");
  const destinations = videos.flatMap(({ to }) => to);
  const virtual = destinations.filter(isVirtual).length;
  const pictures = outputs.length - videos.length;
  return { videos: videos.length, written: destinations.length - virtual, virtual, pictures };
}
