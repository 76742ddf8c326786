import type { Batch } from "@polyreel/contract";
import { isVirtual, renditionTypeOf } from "@polyreel/spec";

/** Outputs and deliveries per combination of a batch, by kinds with different costs. */
export interface OutputMix {
  /** Outputs that are a joined video, and their deliveries into folders and virtual ones. */
  readonly videos: number;
  readonly written: number;
  readonly virtual: number;
  /** Outputs whose frames are decoded. */
  readonly pictures: number;
  /** Outputs with a layout like a video's, and little size: sound and subtitles. */
  readonly others: number;
  /** Deliveries of renditions that are written, for each rendition. */
  readonly writtenShare: number;
}

export function outputMixOf({ outputs }: Batch): OutputMix {
  const videos = outputs.filter(({ operation }) => operation.case === "mp4");
  const pictures = outputs.filter(({ operation: { case: kind } }) => kind === "thumbnail" || kind === "contactSheet");
  const renditions = outputs.filter((output) => renditionTypeOf(output));
  const renditionDeliveries = renditions.flatMap(({ to }) => to).filter((to) => !isVirtual(to)).length;
  const destinations = videos.flatMap(({ to }) => to);
  const virtual = destinations.filter(isVirtual).length;
  return {
    ...{ videos: videos.length, written: destinations.length - virtual, virtual, pictures: pictures.length },
    others: outputs.length - videos.length - pictures.length,
    writtenShare: renditions.length > 0 ? renditionDeliveries / renditions.length : 0,
  };
}
