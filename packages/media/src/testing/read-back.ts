import { runFfmpeg, runFfprobe } from "../ffmpeg/run.js";

/** A decoded frame: presentation time, duration (in the stream's time base), and the MD5 of its picture. */
export interface DecodedFrame {
  pts: number;
  duration: number;
  md5: string;
}

const bounds = { signal: new AbortController().signal, deadlineSeconds: 120, maxOutputBytes: 1 << 30 };

async function decode(path: string, options: string[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await runFfmpeg({
    ...bounds,
    inputs: [{ file: path }],
    outputs: [{ stdout: true, options }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
  });
  return Buffer.concat(chunks);
}

/** Every frame that a decoder outputs, none dropped or repeated. `base`: the video's time base, if it is known. */
export async function decodedFrames(path: string, base?: string): Promise<DecodedFrame[]> {
  const options = [
    "-map",
    "0:v",
    "-fps_mode",
    "passthrough",
    "-enc_time_base",
    base ?? (await timeBase(path)),
    "-f",
    "framemd5",
  ];
  const text = (await decode(path, options)).toString("latin1");
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, , pts, duration, , md5 = ""] = line.split(",").map((field) => field.trim());
      return { pts: Number(pts), duration: Number(duration), md5 };
    });
}

/** Number of frames that a decoder outputs. */
export async function decodedFrameCount(path: string): Promise<number> {
  const counted = ["-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames"];
  return Number(await runFfprobe([...counted, "-of", "csv=p=0", path], bounds));
}

/** The time base of the video, such as "1/30000". */
async function timeBase(path: string): Promise<string> {
  const entries = ["-select_streams", "v:0", "-show_entries", "stream=time_base", "-of", "csv=p=0"];
  return (await runFfprobe([...entries, path], bounds)).trim();
}

/** Average brightness of each frame, 0 to 255. */
export const brightness = async (path: string): Promise<number[]> => [
  ...(await decode(path, [
    ...["-map", "0:v", "-fps_mode", "passthrough", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo"],
  ])),
];

/** All audio samples, interleaved, 4 bytes each. */
export const decodedSound = (path: string): Promise<Buffer> =>
  decode(path, ["-map", "0:a", "-f", "f32le", "-c:a", "pcm_f32le"]);

/** Length of the decoded audio in seconds, without holding it in memory. */
export async function decodedSoundSeconds(path: string): Promise<number> {
  const rate = 8000;
  let samples = 0;
  await runFfmpeg({
    ...bounds,
    inputs: [{ file: path }],
    outputs: [{ stdout: true, options: ["-map", "0:a", "-ac", "1", "-ar", String(rate), "-f", "u8"] }],
    onStdout: (chunk) => {
      samples += chunk.length;
    },
  });
  return samples / rate;
}

/** The packets of a stream ("v" or "a") as reported by ffprobe, in the stream's time base. */
export async function probedPackets(path: string, stream: "v" | "a"): Promise<{ pts: number; dts: number }[]> {
  const entries = ["-select_streams", stream, "-show_entries", "packet=pts,dts", "-of", "json", path];
  return (JSON.parse(await runFfprobe(entries, bounds)) as { packets: { pts: number; dts: number }[] }).packets;
}

interface ProbedHeader {
  streams: Record<string, string | number>[];
  format: Record<string, string>;
}

/** Streams and format as reported by ffprobe. */
export async function probedHeader(path: string): Promise<ProbedHeader> {
  return JSON.parse(await runFfprobe(["-show_streams", "-show_format", "-of", "json", path], bounds));
}

/** The same, with packets, whose times are in their stream's time base. */
export async function probed(
  path: string,
): Promise<ProbedHeader & { packets: { stream_index: number; pts: number; dts: number }[] }> {
  const packets = ["-show_packets", "-show_entries", "packet=stream_index,pts,dts"];
  return JSON.parse(await runFfprobe(["-show_streams", "-show_format", ...packets, "-of", "json", path], bounds));
}
