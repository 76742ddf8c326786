import { type ContactSheet, PictureFormat } from "@polyreel/contract";
import type { Probe, VideoProbe } from "../probe/parse.js";
import { requireMoving } from "../probe/require.js";
import { sizeInSheet, sizeInWidth } from "./checked-size.js";
import type { MediaFile, OperationWork } from "./media-file.js";
import { type MadePicture, pictureFile } from "./picture-file.js";
import { requirePicture, sourcePictureAt, sourcePicturesAtIntervals } from "./source-pictures.js";

interface ThumbnailSettings {
  /** From the start of the video; the last frame after its end. */
  readonly atSeconds: number;
  /** In pixels; the height follows, and may be odd. 0: the width of the picture. */
  readonly width: number;
  readonly format: PictureFormat;
}

/** A frame of a source as a picture. Throws like `sourcePictureAt`, and if the picture would be too high. */
export async function sourceThumbnail(
  source: MediaFile,
  { atSeconds, width, format }: ThumbnailSettings,
  work: OperationWork,
): Promise<MadePicture> {
  const size = sizeInWidth(width, requirePicture(source.probe));
  return pictureFile([await sourcePictureAt(source, atSeconds, size, work)], { columns: 1, format });
}

/** The contact sheet of a source. Throws like `sourcePictureAt`, for a still, and if it would be too large. */
export async function sourceContactSheet(
  source: MediaFile,
  { columns, rows, width }: Pick<ContactSheet, "columns" | "rows" | "width">,
  work: OperationWork,
): Promise<MadePicture> {
  const picture = requireFootage(source.probe);
  const count = columns * rows;
  const size = sizeInSheet({ width, columns, count }, picture);
  const pictures = await sourcePicturesAtIntervals(source, count, size, work);
  return pictureFile(pictures, { columns, format: PictureFormat.JPEG });
}

/** The video stream of a source that a contact sheet can be made of. Throws PolyreelError `invalid` for stills and audio. */
export const requireFootage = (probe: Probe): VideoProbe =>
  requireMoving(probe, { sound: "Use a video, or leave its pictures out.", still: "Make a thumbnail of it." });
