import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type ClipIndex, ClipIndexSchema, type SoundIndex, SoundIndexSchema } from "@polyreel/contract";
import { runFfmpeg, runFfprobe } from "../ffmpeg/run.js";

/** A part as the renderer would store it, with the file it was cut out of: what the join must not change. */
export interface EncodedPart<Index> {
  hash: string;
  payload: Buffer;
  index: Index;
  /** An ordinary MP4 with the same packets, written by ffmpeg. */
  path: string;
}

/** Frames between decoding and presentation, of every clip here. */
const REORDER_DELAY = 2;

/** A clip of the first frames of a lavfi source (its size and rate are the clip's), encoded so that it can be joined. */
export async function encodeClip(
  folder: string,
  name: string,
  { source, frames, timescale = 30_000, sampleDuration = 1000 }: ClipRequest,
): Promise<EncodedPart<ClipIndex>> {
  const path = join(folder, `${name}.mp4`);
  await runFfmpeg({
    ...bounds,
    inputs: [{ lavfi: source }],
    outputs: [
      {
        file: path,
        options: [
          ...["-frames:v", String(frames), "-vf", COLOUR, "-chroma_sample_location", "left"],
          ...["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-x264-params", "stitchable=1"],
          ...["-g", "60", "-bf", "2", "-flags", "+cgop", "-video_track_timescale", String(timescale)],
        ],
      },
    ],
  });
  const { packets, payload, file } = await readPackets(path);
  const { width, height } = await pictureSize(path);
  const first = Math.min(...packets.map(({ pts }) => pts));
  return {
    hash: createHash("sha256").update(name).digest("hex"),
    payload,
    path,
    index: create(ClipIndexSchema, {
      width,
      height,
      timescale,
      sampleDuration,
      decoderConfig: boxContent(file, "avcC"),
      sizes: packets.map(({ size }) => Number(size)),
      compositionOffsets: packets.map(({ pts }, i) => pts - first + (REORDER_DELAY - i) * sampleDuration),
      keyFrames: packets.flatMap(({ flags }, i) => (flags.startsWith("K") ? [i] : [])),
    }),
  };
}

export interface ClipRequest {
  source: string;
  frames: number;
  timescale?: number;
  sampleDuration?: number;
}

/** A soundtrack of a lavfi source at 48 kHz stereo, so many samples long. */
export async function encodeSound(
  folder: string,
  name: string,
  { source, samples }: { source: string; samples: number },
): Promise<EncodedPart<SoundIndex>> {
  const path = join(folder, `${name}.mp4`);
  await runFfmpeg({
    ...bounds,
    inputs: [{ lavfi: `${source},aformat=sample_rates=48000:channel_layouts=stereo,atrim=end_sample=${samples}` }],
    outputs: [{ file: path, options: ["-c:a", "aac", "-b:a", "128k"] }],
  });
  const { packets, payload } = await readPackets(path);
  return {
    hash: createHash("sha256").update(name).digest("hex"),
    payload,
    path,
    index: create(SoundIndexSchema, {
      sampleRate: 48_000,
      channels: 2,
      decoderConfig: Buffer.from("1190", "hex"), // AAC-LC, 48 kHz, stereo
      sizes: packets.map(({ size }) => Number(size)),
      delay: 1024,
      samples: BigInt(samples),
      loudnessLufs: -20,
      truePeakDbtp: -3,
      predictedMinLufs: -22,
      predictedMaxLufs: -18,
    }),
  };
}

const bounds = { signal: AbortSignal.timeout(120_000), deadlineSeconds: 60, maxOutputBytes: 1 << 28 };

const COLOUR = [
  "scale=out_color_matrix=bt709:out_range=tv",
  "format=yuv420p",
  "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv",
].join(",");

interface Packet {
  pts: number;
  size: string;
  pos: string;
  flags: string;
}

async function readPackets(path: string): Promise<{ packets: Packet[]; payload: Buffer; file: Buffer }> {
  const shown = await runFfprobe(["-show_entries", "packet=pts,size,pos,flags", "-of", "json", path], bounds);
  const { packets } = JSON.parse(shown) as { packets: Packet[] };
  const file = await readFile(path);
  const payload = packets.map(({ pos, size }) => file.subarray(Number(pos), Number(pos) + Number(size)));
  return { packets, payload: Buffer.concat(payload), file };
}

async function pictureSize(path: string): Promise<{ width: number; height: number }> {
  const shown = await runFfprobe(["-show_entries", "stream=width,height", "-of", "json", path], bounds);
  const [stream] = (JSON.parse(shown) as { streams: [{ width: number; height: number }] }).streams;
  return stream;
}

/** The content of the first box of a type, wherever it lies. */
function boxContent(file: Buffer, type: string): Buffer {
  const at = file.indexOf(type, 0, "latin1");
  return file.subarray(at + 4, at - 4 + file.readUInt32BE(at - 4));
}
