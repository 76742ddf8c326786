import type { Batch, Output } from "@polyreel/contract";
import { isVirtual, renditionTypeOf } from "@polyreel/spec";

/** Outputs and deliveries per combination of a batch, by kinds with different costs. */
export interface OutputMix {
  /** Outputs that are a joined video, and their deliveries into folders and virtual ones. */
  readonly videos: number;
  readonly written: number;
  readonly virtual: number;
  /** Outputs whose frames or images are decoded. */
  readonly pictures: number;
  /** Outputs with a layout like a video's, and little size: sound and subtitles. */
  readonly others: number;
  /** Deliveries of renditions that are written, for each rendition. */
  readonly writtenShare: number;
}

/** Operations that decode pictures. */
const PICTURES: ReadonlySet<Output["operation"]["case"]> = new Set(["thumbnail", "contactSheet", "image"]);

export function outputMixOf({ outputs }: Batch): OutputMix {
  const videos = outputs.filter(({ operation }) => operation.case === "mp4");
  const pictures = outputs.filter(({ operation }) => PICTURES.has(operation.case));
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
