import { fileUrl, untrusted } from "../ffmpeg/arguments.js";
import { runFfprobe } from "../ffmpeg/run.js";

/**
 * When the first picture of a file is shown, in seconds of the file's own time; undefined where it has none. Cover art does
 * not count. Read from the first decoded frame: containers round or omit start times, and pictures may be cut by an edit
 * list.
 */
export async function firstPictureSeconds(path: string, signal: AbortSignal): Promise<number | undefined> {
  return (await firstPictureOf(path, 1, signal)) ?? (await firstPictureOf(path, PACKETS_TO_KEY_FRAME, signal));
}

/** A recording that was cut anywhere (a piece of a broadcast) may begin this long before its first key frame. */
const PACKETS_TO_KEY_FRAME = 1000;

async function firstPictureOf(path: string, packets: number, signal: AbortSignal): Promise<number | undefined> {
  const json = await runFfprobe(
    [
      ...untrusted,
      // V: video that is no attached picture.
      ...[
        "-select_streams",
        "V:0",
        "-read_intervals",
        `%+#${packets}`,
        "-show_entries",
        "frame=best_effort_timestamp_time",
      ],
      ...["-of", "json", fileUrl(path)],
    ],
    { signal },
  );
  const { frames = [] } = JSON.parse(json) as { frames?: { best_effort_timestamp_time?: string }[] };
  const seconds = Number(frames[0]?.best_effort_timestamp_time);
  return Number.isFinite(seconds) ? seconds : undefined;
}
