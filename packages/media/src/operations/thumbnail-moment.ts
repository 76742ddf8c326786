import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Thumbnail } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";

/** What a thumbnail shows, in seconds from the first picture: the frame at a time, or the best one of a stretch. */
export type ThumbnailMoment =
  | { readonly kind: "at"; readonly seconds: number }
  | { readonly kind: "best"; readonly startSeconds: number; readonly endSeconds: number };

type Settings = Pick<Thumbnail, "at" | "best" | "count" | "times" | "number">;

/**
 * The frame that one of the thumbnails of a video shows; pure. Throws PolyreelError `invalid`, with the setting as
 * field, for one of `times` after the end, and if the length is needed and unknown (0).
 */
export function thumbnailMoment(settings: Settings, durationSeconds: number): ThumbnailMoment {
  const { at, best, count, times } = settings;
  // Without a number it is the only one.
  const index = Math.max(1, settings.number) - 1;
  const time = times[index];
  if (time) return { kind: "at", seconds: within(durationMs(time) / 1000, durationSeconds, index) };
  if (!best && count === 0) return { kind: "at", seconds: at ? durationMs(at) / 1000 : 0 };
  if (durationSeconds <= 0) throw lengthUnknown(count > 0 ? "count" : "best");
  const share = durationSeconds / Math.max(1, count);
  return best
    ? { kind: "best", startSeconds: index * share, endSeconds: (index + 1) * share }
    : { kind: "at", seconds: (index + 0.5) * share };
}

function within(seconds: number, durationSeconds: number, index: number): number {
  if (durationSeconds <= 0 || seconds < durationSeconds) return seconds;
  throw sourceError({
    field: `times[${index}]`,
    reason: `There is no picture at ${shown(seconds)} s: the video is ${shown(durationSeconds)} s long.`,
    remedy: `Choose times below ${shown(durationSeconds)} s, or count for times that follow from the length.`,
  });
}

const lengthUnknown = (field: string) =>
  sourceError({
    field,
    reason: "The video's length cannot be determined: it has no pictures, or is damaged.",
    remedy: "Check that it plays, or choose a time with at.",
  });

/** Rounded down, so that a shorter time is within. */
const shown = (seconds: number): string => String(Math.floor(seconds * 100) / 100);
