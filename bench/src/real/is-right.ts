import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "@polyreel/media/ffmpeg";

/** Seconds of an AAC frame at 48 kHz. */
const AAC_FRAME_SECONDS = 1024 / 48_000;

interface Stream {
  readonly codec_type: string;
  readonly duration?: string;
  readonly nb_read_packets?: string;
}

/**
 * Whether a video is correct: decodes without errors, has as many frames as its clips (each rounded separately), and
 * sound that ends with the picture, within one AAC frame.
 */
export async function isRight(
  path: string,
  { frames, clips, frameRate, signal }: { frames: number; clips: number; frameRate: number; signal: AbortSignal },
): Promise<boolean> {
  const streams = await streamsOf(path, signal).catch(() => []);
  signal.throwIfAborted();
  const [video, sound] = ["video", "audio"].map((type) => streams.find(({ codec_type }) => codec_type === type));
  if (!video || !sound || streams.length !== 2) return false;
  const seconds = Number(video.nb_read_packets) / frameRate;
  return (
    Math.abs(Number(video.nb_read_packets) - frames) <= clips &&
    Math.abs(Number(sound.duration) - seconds) <= AAC_FRAME_SECONDS &&
    (await decodes(path, signal))
  );
}

async function streamsOf(path: string, signal: AbortSignal): Promise<Stream[]> {
  const entries = "stream=codec_type,duration,nb_read_packets";
  const args = ["-v", "error", "-count_packets", "-show_entries", entries, "-of", "json", path];
  const { stdout } = await promisify(execFile)(await findProgram("ffprobe"), args, { signal });
  return (JSON.parse(stdout) as { streams: Stream[] }).streams;
}

async function decodes(path: string, signal: AbortSignal): Promise<boolean> {
  const args = ["-nostdin", "-v", "warning", "-i", path, "-f", "null", "-"];
  const { stderr } = await promisify(execFile)(await findProgram("ffmpeg"), args, { signal });
  return stderr === "";
}
