import { PolyreelError } from "@polyreel/platform";
import { fileUrl, untrusted } from "../ffmpeg/arguments.js";
import { runFfprobe } from "../ffmpeg/run.js";

/** Properties of a few decoded pictures. Times in seconds on the file's clock. */
export interface PictureSample {
  /** Time of the first one; undefined if none could be decoded. */
  firstSeconds?: number;
  /** Some of the first pictures, or of those in the middle, are marked as interlaced. */
  interlaced: boolean;
  /** If packets have no presentation times: from the first picture to the end of the last. */
  shown?: { startSeconds: number; endSeconds: number };
}

/** A recording that was cut anywhere (a piece of a broadcast) may have this many packets before its first key frame. */
const PACKETS_TO_KEY_FRAME = 1000;
/** Enough for decoders that delay their output; used at the beginning, and in the middle, after opening titles. */
const PACKETS = 24;
/** The last picture is searched for from this long before the end: key frames are no further apart in such files. */
const TAIL_SECONDS = 12;

interface Picture {
  best_effort_timestamp_time?: string;
  interlaced_frame?: number;
}

/**
 * Decodes a few pictures at the beginning and in the middle, and those at the end if `untimed`: packets have no
 * presentation times.
 */
export async function samplePictures(
  path: string,
  { durationSeconds, frameSeconds, untimed }: { durationSeconds: number; frameSeconds: number; untimed: boolean },
  signal: AbortSignal,
): Promise<PictureSample> {
  const decode = async (intervals: string): Promise<readonly Picture[]> => {
    const shown = ["-show_entries", "frame=best_effort_timestamp_time,interlaced_frame", "-of", "json"];
    // V: video streams without attached pictures.
    const json = await runFfprobe(
      [...shown, "-select_streams", "V:0", "-read_intervals", intervals, ...untrusted, fileUrl(path)],
      { signal },
    ).catch(noPictures);
    return (JSON.parse(json) as { frames?: Picture[] }).frames ?? [];
  };
  const first = firstOf(await decode("%+#1")) ?? firstOf(await decode(`%+#${PACKETS_TO_KEY_FRAME}`));
  const middle = durationSeconds > 2 ? `,${(durationSeconds / 2).toFixed(3)}%+#${PACKETS}` : "";
  const some = await decode(`%+#${PACKETS}${middle}`);
  const sample: PictureSample = {
    ...(first !== undefined && { firstSeconds: first }),
    interlaced: some.some(({ interlaced_frame }) => interlaced_frame === 1),
  };
  const startSeconds = firstOf(some);
  if (!untimed || startSeconds === undefined) return sample;
  const end = endOf(await decode(`${Math.max(0, durationSeconds - TAIL_SECONDS).toFixed(3)}%`), frameSeconds);
  return end === undefined ? sample : { ...sample, shown: { startSeconds, endSeconds: end } };
}

/** A damaged picture does not refuse the file here: encoding reports what is wrong with it. */
function noPictures(error: unknown): string {
  if (!(error instanceof PolyreelError) || (error.code !== "invalid" && error.code !== "internal")) throw error;
  return "{}";
}

const timeOf = ({ best_effort_timestamp_time }: Picture): number | undefined => {
  const seconds = Number(best_effort_timestamp_time);
  return Number.isFinite(seconds) ? seconds : undefined;
};

const firstOf = ([picture]: readonly Picture[]): number | undefined => picture && timeOf(picture);

/** Pictures flushed by a decoder at its end have no time; each lasts as long as those before. */
function endOf(pictures: readonly Picture[], frameSeconds: number): number | undefined {
  const end = pictures.reduce<number | undefined>((before, picture) => {
    const start = timeOf(picture) ?? before;
    return start === undefined ? undefined : start + frameSeconds;
  }, undefined);
  return end;
}
