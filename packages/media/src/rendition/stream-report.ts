import { fileUrl, untrusted } from "../ffmpeg/arguments.js";
import { runFfprobe } from "../ffmpeg/run.js";
import type { FfprobeStream } from "../probe/ffprobe-json.js";
import type { AudioProbe, Probe } from "../probe/parse.js";

/** What decides whether streams can be copied, beyond a source's probe. Fields that a file does not state are absent. */
export interface StreamReport {
  readonly video?: StreamFacts;
  readonly audio?: StreamFacts;
}

export interface StreamFacts {
  /** "yuv420p". */
  readonly pixelFormat?: string;
  /** Average of the packets, in kbit/s. */
  readonly kbps?: number;
}

interface Stated extends FfprobeStream {
  readonly bit_rate?: string;
}

const DEADLINE_SECONDS = 60;

/** Reads it from a file's header: the first picture, and the given audio track. Throws like `runFfprobe`. */
export async function reportStreams(
  path: string,
  track: AudioProbe | undefined,
  signal: AbortSignal,
): Promise<StreamReport> {
  const args = [...untrusted, "-show_streams", "-of", "json", "-i", fileUrl(path)];
  const { streams = [] } = JSON.parse(await runFfprobe(args, { signal, deadlineSeconds: DEADLINE_SECONDS })) as {
    streams?: Stated[];
  };
  const pictures = streams.filter((one) => one.codec_type === "video" && one.disposition?.attached_pic !== 1);
  const sounds = streams.filter((one) => one.codec_type === "audio");
  const video = pictures[0] && factsOf(pictures[0]);
  const sound = track && sounds[track.track ?? 0];
  return { ...(video && { video }), ...(sound && { audio: factsOf(sound) }) };
}

function factsOf({ pix_fmt, bit_rate, tags }: Stated): StreamFacts {
  // Matroska has it as a statistics tag, if the writer added one.
  const bits = Number(bit_rate ?? tags?.BPS);
  return { ...(pix_fmt && { pixelFormat: pix_fmt }), ...(bits > 0 && { kbps: bits / 1000 }) };
}

/** Bit rate of the picture in kbit/s: as stated, or else what the sound leaves of the file. */
export function videoKbpsOf({ sizeBytes, durationSeconds }: Probe, { video, audio }: StreamReport): number {
  if (video?.kbps !== undefined) return video.kbps;
  return durationSeconds > 0 ? Math.max(0, (sizeBytes * 8) / 1000 / durationSeconds - (audio?.kbps ?? 0)) : 0;
}
