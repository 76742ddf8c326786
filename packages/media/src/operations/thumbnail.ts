import type { ClipIndex } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { ffmpegVersion } from "../ffmpeg/build.js";
import { encodePicture, pictureEncoder } from "../frames/encode-picture.js";
import { extractFrames } from "../frames/extract-frames.js";
import type { Picture } from "../frames/picture.js";
import { wholeWithin } from "./bounds.js";
import type { MediaFile, OperationWork } from "./media-file.js";
import { type FormatOf, OPERATIONS } from "./operations.js";
import { MAX_SIDE, sizeInWidth } from "./picture-size.js";
import { requirePicture, sourcePictureAt } from "./source-pictures.js";

export interface ThumbnailSettings {
  /** Where the frame is taken, from the start of the video: 0 to a day. After its end: the last frame. */
  readonly atSeconds: number;
  /** In pixels, 1 to 8192; the height follows, and may be odd. 0: as wide as the picture. */
  readonly width: number;
  readonly format: FormatOf<"thumbnail">;
}

export const THUMBNAIL_DEFAULTS: ThumbnailSettings = { atSeconds: 0, width: 0, format: "jpeg" };

const MAX_SECONDS = 86_400;

/** A picture as a file: the payload of a part, with what certifies it. */
export interface MadePicture {
  readonly payload: Buffer;
  readonly format: FormatOf<"thumbnail">;
  readonly width: number;
  readonly height: number;
  /** How many frames it shows. */
  readonly frames: number;
}

/** What is not given is the default. Throws PolyreelError `invalid` with the field that is out of bounds. */
export function thumbnailSettings(given: Partial<ThumbnailSettings> = {}): ThumbnailSettings {
  const settings = { ...THUMBNAIL_DEFAULTS, ...given };
  const { atSeconds, width, format } = settings;
  if (!(atSeconds >= 0 && atSeconds <= MAX_SECONDS)) {
    throw new PolyreelError("invalid", { field: "at", reason: `\`at\` must be 0 s to 24 h, not ${atSeconds} s.` });
  }
  if (width !== 0) wholeWithin("width", width, [1, MAX_SIDE]);
  if (!Object.hasOwn(OPERATIONS.thumbnail.formats, format)) {
    const formats = Object.keys(OPERATIONS.thumbnail.formats).join(", ");
    throw new PolyreelError("invalid", {
      field: "format",
      reason: `\`format\` must be one of ${formats}, not "${format}".`,
    });
  }
  return settings;
}

/** Raise it where the same recipe would give other bytes. */
const PICTURE_SETTINGS = "picture-1";

/** What belongs in the recipe of a picture, such as "picture-1/ffmpeg 5.1.9/canvas 1.1.1". */
export const pictureBuild = async (): Promise<string> =>
  `${PICTURE_SETTINGS}/${await ffmpegVersion()}/${pictureEncoder()}`;

/**
 * A frame of a clip, counted from 0 (see frame-on-screen.ts for which one); `path` is the clip's payload. Throws PolyreelError
 * `invalid` where the clip has no such frame, or the picture would be too high.
 */
export async function clipThumbnail(
  clip: { index: ClipIndex; path: string },
  { frame, width, format }: Pick<ThumbnailSettings, "width" | "format"> & { frame: number },
  { signal }: Pick<OperationWork, "signal">,
): Promise<MadePicture> {
  const [picture] = await extractFrames(clip, [frame], { width: sizeInWidth(width, clip.index).width, signal });
  return madePicture(picture as Picture, format);
}

/** The picture of a source at a time. Throws as `sourcePictureAt`, and where the picture would be too high. */
export async function sourceThumbnail(
  source: MediaFile,
  { atSeconds, width, format }: ThumbnailSettings,
  work: OperationWork,
): Promise<MadePicture> {
  const size = sizeInWidth(width, requirePicture(source.probe));
  return madePicture(await sourcePictureAt(source, atSeconds, size, work), format);
}

async function madePicture(picture: Picture, format: ThumbnailSettings["format"]): Promise<MadePicture> {
  const { width, height } = picture;
  return { payload: await encodePicture(picture, format), format, width, height, frames: 1 };
}
