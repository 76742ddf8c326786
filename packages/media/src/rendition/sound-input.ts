import type { FfmpegInput } from "../ffmpeg/arguments.js";
import type { MediaFile } from "../operations/media-file.js";
import type { AudioProbe } from "../probe/parse.js";
import { decodePcm } from "../sound/decode.js";
import { type DecodeOptions, decodeFilters } from "../sound/decode-sound.js";
import { PCM_FORMAT } from "../sound/pcm.js";
import { LAYOUTS } from "./audio-options.js";
import { masterPcm } from "./master-pcm.js";
import type { TranscodePlan } from "./transcode-plan.js";

/** The sound as an input of ffmpeg, with the filter graph from it to [a] if it is encoded. */
export interface SoundInput {
  readonly input: FfmpegInput;
  readonly filters?: string;
  readonly map: string;
}

/** A track that is encoded. */
interface EncodedSound {
  readonly track: AudioProbe;
  readonly encode: { readonly channels: number };
}

/** Number of the input, beside the picture. */
const SECOND = 1;

type Stretch = Pick<TranscodePlan, "startSeconds" | "endSeconds">;

/** Where the format changes, ffmpeg rebuilds its filters: each first frame is reported, by a number below 0. */
const REPORT_FIRST_FRAMES = "aselect='1+0*if(eq(n,0),print(-1,24),0)'";
const FIRST_FRAME = /\[warning\] -1\.0+$/;

/** Whether a line of ffmpeg's log reports the first frame of a format: several need `soundByPcm`. */
export const beginsFormat = (line: string): boolean => FIRST_FRAME.test(line);

/** The packets as they are. `zeroSeconds`: time on the file's clock that becomes 0. */
export function copiedSound(
  { path }: MediaFile,
  { track }: Pick<EncodedSound, "track">,
  zeroSeconds: number,
  number = SECOND,
): SoundInput {
  const options = ["-copyts", "-itsoffset", (-zeroSeconds).toFixed(6), "-vn", "-sn", "-dn"];
  return { input: { media: path, options }, map: `${number}:a:${track.track ?? 0}` };
}

/** The sound decoded by the command that encodes it, from the first picture on. */
export function decodedSound(
  { path }: MediaFile,
  { track, encode }: EncodedSound,
  zeroSeconds: number,
  { startSeconds, endSeconds }: Stretch,
  number = SECOND,
): SoundInput {
  const ownEnd = track.exactSeconds === undefined ? undefined : track.exactSeconds + track.startSeconds - zeroSeconds;
  const end = Math.min(ownEnd ?? Number.POSITIVE_INFINITY, endSeconds ?? Number.POSITIVE_INFINITY);
  const timing = { zero: zeroSeconds, startSeconds, ...(Number.isFinite(end) && end > 0 && { endSeconds: end }) };
  const layout = `aformat=sample_fmts=flt:channel_layouts=${LAYOUTS[encode.channels] ?? "stereo"}`;
  return {
    input: { media: path, options: ["-copyts", "-vn", "-sn", "-dn"] },
    filters: `[${number}:a:${track.track ?? 0}]${[REPORT_FIRST_FRAMES, ...decodeFilters(timing), layout].join(",")}[a]`,
    map: "[a]",
  };
}

/**
 * The sound decoded to a file first, in stereo: if its loudness must be measured, if its timestamps restart, or if its
 * format changes midway, which ffmpeg's filters do not survive.
 */
export async function soundByPcm(
  { path, probe }: MediaFile,
  { track, encode }: EncodedSound,
  { startSeconds, endSeconds }: Stretch,
  loudnessLufs: number,
  { folder, signal }: { folder: string; signal: AbortSignal },
  { input: number, zeroAt }: { input: number; zeroAt: DecodeOptions["zeroAt"] } = { input: SECOND, zeroAt: "video" },
): Promise<SoundInput> {
  const pcm = await decodePcm(path, {
    ...{ zeroAt, startSeconds, track: (track.track ?? 0) + 1, probe, signal, tempDir: folder },
    ...(endSeconds !== undefined && { maxSeconds: endSeconds - startSeconds }),
  });
  const decoded = { path: pcm.path, samples: Number(pcm.index.samples) };
  const { path: file } =
    loudnessLufs === 0 ? decoded : await masterPcm(decoded, loudnessLufs, { ...encode, folder, signal });
  const layout = LAYOUTS[encode.channels] ?? "stereo";
  return {
    input: { file, options: [...PCM_FORMAT] },
    // Mixed in floating point for all encoders: ffmpeg mixes integers at half the power.
    filters: `[${number}:a:0]aformat=sample_fmts=flt:channel_layouts=${layout}[a]`,
    map: "[a]",
  };
}
