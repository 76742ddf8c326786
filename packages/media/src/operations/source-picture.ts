import { type ContactSheet, PictureFormat, type Thumbnail } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";
import { pictureCount } from "@polyreel/spec";
import type { Size } from "../clip/geometry.js";
import type { Probe, VideoProbe } from "../probe/parse.js";
import { requireMoving } from "../probe/require.js";
import { sizeInSheet, sizeInWidth } from "./checked-size.js";
import type { MediaFile, OperationWork } from "./media-file.js";
import { type MadePicture, pictureFile } from "./picture-file.js";
import { bestSourcePicture, requirePicture, sourcePictureAt, sourcePicturesAtIntervals } from "./source-pictures.js";
import { type ThumbnailMoment, thumbnailMoment } from "./thumbnail-moment.js";

/**
 * A frame of a source as a picture; its height follows from its width, and may be odd. Throws like `sourcePictureAt` and
 * `requireThumbnail`, before it reads anything.
 */
export async function sourceThumbnail(
  source: MediaFile,
  thumbnail: Thumbnail,
  work: OperationWork,
): Promise<MadePicture> {
  const { moment, size } = requireThumbnail(thumbnail, source.probe);
  const picture =
    moment.kind === "best"
      ? await bestSourcePicture(source, moment, size, work)
      : await sourcePictureAt(source, moment.seconds, size, work);
  return pictureFile([picture], { columns: 1, format: thumbnail.format });
}

/** What a thumbnail of a source shows, and its size. Throws PolyreelError `invalid` if the probe shows that there is no such picture. */
export function requireThumbnail(thumbnail: Thumbnail, probe: Probe): { moment: ThumbnailMoment; size: Size } {
  const picture = requirePicture(probe);
  const size = sizeInWidth(thumbnail.width, picture);
  if (!picture.still) return { moment: thumbnailMoment(thumbnail, picture.durationSeconds), size };
  if (pictureCount(thumbnail) === 1) return { moment: { kind: "at", seconds: 0 }, size };
  throw sourceError({
    field: thumbnail.count > 0 ? "count" : "times",
    reason: "The file is a still picture: its thumbnails would all be the same.",
    remedy: "Make one thumbnail of it, without count and times.",
  });
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
