import type { FfmpegInput } from "../ffmpeg/arguments.js";
import type { MediaFile } from "../operations/media-file.js";
import { decodeFilters, decodePcm } from "../sound/decode.js";
import { PCM_FORMAT } from "../sound/pcm.js";
import { LAYOUTS } from "./audio-options.js";
import { masterPcm } from "./master-pcm.js";
import type { PlannedAudio, TranscodePlan } from "./transcode-plan.js";

/** The sound as ffmpeg's second input, with the filter graph from it to [a] if it is encoded. */
export interface SoundInput {
  readonly input: FfmpegInput;
  readonly filters?: string;
  readonly map: string;
}

type Stretch = Pick<TranscodePlan, "startSeconds" | "endSeconds">;

/** Where the format changes, ffmpeg rebuilds its filters: each first frame is reported, by a number below 0. */
const REPORT_FIRST_FRAMES = "aselect='1+0*if(eq(n,0),print(-1,24),0)'";
const FIRST_FRAME = /\[warning\] -1\.0+$/;

/** Whether a line of ffmpeg's log reports the first frame of a format: several need `soundByPcm`. */
export const beginsFormat = (line: string): boolean => FIRST_FRAME.test(line);

/** The packets as they are. `zeroSeconds`: time on the file's clock that becomes 0. */
export function copiedSound({ path }: MediaFile, { track }: PlannedAudio, zeroSeconds: number): SoundInput {
  const options = ["-copyts", "-itsoffset", (-zeroSeconds).toFixed(6), "-vn", "-sn", "-dn"];
  return { input: { media: path, options }, map: `1:a:${track.track ?? 0}` };
}

/** The sound decoded by the command that encodes it, from the first picture on. */
export function decodedSound(
  { path }: MediaFile,
  { track, encode }: PlannedAudio & { encode: NonNullable<PlannedAudio["encode"]> },
  zeroSeconds: number,
  { startSeconds, endSeconds }: Stretch,
): SoundInput {
  const ownEnd = track.exactSeconds === undefined ? undefined : track.exactSeconds + track.startSeconds - zeroSeconds;
  const end = Math.min(ownEnd ?? Number.POSITIVE_INFINITY, endSeconds ?? Number.POSITIVE_INFINITY);
  const timing = { zero: zeroSeconds, startSeconds, ...(Number.isFinite(end) && end > 0 && { endSeconds: end }) };
  const layout = `aformat=sample_fmts=flt:channel_layouts=${LAYOUTS[encode.channels] ?? "stereo"}`;
  return {
    input: { media: path, options: ["-copyts", "-vn", "-sn", "-dn"] },
    filters: `[1:a:${track.track ?? 0}]${[REPORT_FIRST_FRAMES, ...decodeFilters(timing), layout].join(",")}[a]`,
    map: "[a]",
  };
}

/**
 * The sound decoded to a file first, in stereo: if its loudness must be measured, if its timestamps restart, or if its
 * format changes midway, which ffmpeg's filters do not survive.
 */
export async function soundByPcm(
  { path, probe }: MediaFile,
  { track, encode }: PlannedAudio & { encode: NonNullable<PlannedAudio["encode"]> },
  { startSeconds, endSeconds }: Stretch,
  loudnessLufs: number,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<SoundInput> {
  const pcm = await decodePcm(path, {
    ...{ zeroAt: "video", startSeconds, track: (track.track ?? 0) + 1, probe, signal, tempDir: folder },
    ...(endSeconds !== undefined && { maxSeconds: endSeconds - startSeconds }),
  });
  const decoded = { path: pcm.path, samples: Number(pcm.index.samples) };
  const { path: file } = loudnessLufs === 0 ? decoded : await masterPcm(decoded, loudnessLufs, { folder, signal });
  const layout = LAYOUTS[encode.channels] ?? "stereo";
  return {
    input: { file, options: [...PCM_FORMAT] },
    filters: `[1:a:0]aformat=channel_layouts=${layout}[a]`,
    map: "[a]",
  };
}
