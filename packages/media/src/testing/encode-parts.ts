import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type ClipIndex, type SoundIndex, SoundIndexSchema } from "@polyreel/contract";
import { clipIndex } from "../clip/clip-index.js";
import { readPackets } from "../clip/read-packets.js";
import { encoderOptions } from "../clip/settings.js";
import { runFfmpeg, runFfprobe } from "../ffmpeg/run.js";

/** A part as stored by the renderer, with the file that it was extracted from. */
export interface EncodedPart<Index> {
  hash: string;
  payload: Buffer;
  index: Index;
  /** An ordinary MP4 with the same packets, written by ffmpeg. */
  path: string;
}

/** Default format of clips. */
export const SMALL_FORMAT = { width: 180, height: 320, rateNumerator: 30, rateDenominator: 1 };

/** A clip of the first frames of a lavfi source, which must have the format's rate. */
export async function encodeClip(
  folder: string,
  name: string,
  { source, frames, format = SMALL_FORMAT }: { source: string; frames: number; format?: typeof SMALL_FORMAT },
): Promise<EncodedPart<ClipIndex>> {
  const path = join(folder, `${name}.mp4`);
  const payloadPath = join(folder, `${name}.h264`);
  const scale = `scale=${format.width}:${format.height}:out_color_matrix=bt709:out_range=tv`;
  const filterComplex = `[0:v]${scale},format=yuv420p,setsar=1,${DECLARED}[clip]`;
  await runFfmpeg({
    ...bounds,
    inputs: [{ lavfi: source }],
    filterComplex,
    outputs: [{ file: path, options: encoderOptions(format, frames) }],
  });
  const { packets, decoderConfig } = await readPackets(path, payloadPath, bounds.signal);
  return {
    hash: createHash("sha256").update(name).digest("hex"),
    payload: await readFile(payloadPath),
    path,
    index: clipIndex(format, frames, packets, decoderConfig),
  };
}

const DECLARED = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709";

/** A soundtrack of a lavfi source at 48 kHz stereo, with the given number of samples. */
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
  const { sizes, payload } = await packetsOf(path);
  return {
    hash: createHash("sha256").update(name).digest("hex"),
    payload,
    path,
    index: create(SoundIndexSchema, {
      sampleRate: 48_000,
      channels: 2,
      decoderConfig: Buffer.from("1190", "hex"), // AAC-LC, 48 kHz, stereo.
      sizes,
      delay: 1024,
      samples: BigInt(samples),
      loudnessLufs: -20,
      truePeakDbtp: -3,
      predictedMinLufs: -22,
      predictedMaxLufs: -18,
    }),
  };
}

const bounds = { signal: new AbortController().signal, deadlineSeconds: 60, maxOutputBytes: 1 << 28 };

/** The sizes of a file's packets, and the packets themselves, back to back. */
async function packetsOf(path: string): Promise<{ sizes: number[]; payload: Buffer }> {
  const shown = await runFfprobe(["-show_entries", "packet=size,pos", "-of", "json", path], bounds);
  const { packets } = JSON.parse(shown) as { packets: { size: string; pos: string }[] };
  const file = await readFile(path);
  const cut = packets.map(({ pos, size }) => file.subarray(Number(pos), Number(pos) + Number(size)));
  return { sizes: cut.map(({ length }) => length), payload: Buffer.concat(cut) };
}
