import { randomUUID } from "node:crypto";
import { copyFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type Compress,
  CompressQuality,
  Deinterlace,
  MediaContainer,
  type Transcode,
  TranscodeSchema,
  VideoCodec,
} from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import type { MediaFile } from "../operations/media-file.js";
import type { Probe } from "../probe/parse.js";
import { describeFile } from "./describe-file.js";
import { IDENTICAL } from "./ssim/certify-ssim.js";
import { type MadeRendition, type RenditionWork, transcode } from "./transcode.js";
import { planTranscode, type TranscodePlan } from "./transcode-plan.js";

type Work = RenditionWork & { readonly track: number };

/** Constant quality by codec, from high to low. */
const CRF: { readonly [C in VideoCodec]?: readonly [high: number, medium: number, low: number] } = {
  [VideoCodec.H264]: [22, 27, 32],
  [VideoCodec.HEVC]: [25, 30, 35],
  [VideoCodec.VP9]: [31, 37, 43],
  [VideoCodec.AV1]: [33, 40, 48],
};
const AUDIO_KBPS = [128, 96, 64];
const LEVELS: { readonly [Q in CompressQuality]?: number } = { [CompressQuality.HIGH]: 0, [CompressQuality.LOW]: 2 };
const MEDIUM = 1;

/** Whether an input is as small as asked for already: then it only has to be an MP4. */
const isSmallEnough = ({ targetMegabytes }: Compress, { sizeBytes }: Probe): boolean =>
  sizeBytes > 0 && sizeBytes <= targetMegabytes * 1e6;

/** Foresees the transcode of a compression; pure. Throws like `planTranscode`. */
export function planCompress(
  settings: Compress,
  probe: Probe,
  options: { track: number },
): { plan: TranscodePlan; settings: Transcode } {
  const first = transcodeOf(settings);
  const planned = isSmallEnough(settings, probe) ? untargeted(first) : first;
  return { plan: planTranscode(planned, probe, options), settings: planned };
}

/** The transcode that a compression tries first. */
function transcodeOf({ quality, targetMegabytes, videoCodec, ssim }: Compress): Transcode {
  const level = LEVELS[quality] ?? MEDIUM;
  return create(TranscodeSchema, {
    ...{ container: MediaContainer.MP4, videoCodec, background: "#000000", deinterlace: Deinterlace.AUTO },
    audioKbps: AUDIO_KBPS[level] ?? 96,
    ...(ssim && { ssim }),
    ...(targetMegabytes > 0 ? { targetMegabytes } : { crf: CRF[videoCodec]?.[level] ?? 27 }),
  });
}

/**
 * A smaller MP4, or the input itself if no encode is smaller: never a larger file. An input in another container is then
 * put into an MP4 as it is, or encoded to its own size. Throws like `transcode`.
 */
export async function compress(source: MediaFile, settings: Compress, work: Work): Promise<MadeRendition> {
  const { sizeBytes } = source.probe;
  const { ssim } = settings;
  const first = transcodeOf(settings);
  planCompress(settings, source.probe, work); // Refuses stills and sound.
  if (!isSmallEnough(settings, source.probe)) {
    const made = await transcode(source, first, work);
    if (await isSmaller(made, sizeBytes)) return made;
  }
  if (isMp4(source)) return unchanged(source, settings, work);
  const copy = { container: MediaContainer.MP4, videoCodec: VideoCodec.COPY };
  const remux = create(TranscodeSchema, { ...copy, ...(ssim && { ssim }) });
  const copied = await transcode(source, remux, work).catch(() => undefined);
  if (copied && (await isSmaller(copied, sizeBytes))) return copied;
  const sized = create(TranscodeSchema, { ...untargeted(first), targetMegabytes: sizeBytes / 1e6 });
  return transcode(source, sized, work).catch(notSmaller);
}

const untargeted = ({ crf: _, ...settings }: Transcode): Transcode =>
  create(TranscodeSchema, { ...settings, targetMegabytes: 0 });

/** For `catch`: nobody asked for the input's own size. */
function notSmaller(error: unknown): never {
  if (!(error instanceof PolyreelError) || error.failure.field !== "targetMegabytes") throw error;
  throw sourceError(
    {
      reason: "No MP4 of this video is as small as the file itself.",
      remedy: "Keep the file as it is, or transcode it: a transcode may be larger.",
    },
    { cause: error },
  );
}

const isMp4 = ({ probe }: MediaFile): boolean => probe.container.startsWith("mov,");

/** Removes the file if it is not smaller. */
async function isSmaller({ payloadPath }: MadeRendition, limit: number): Promise<boolean> {
  if ((await stat(payloadPath)).size < limit) return true;
  await rm(payloadPath, { force: true });
  return false;
}

async function unchanged(source: MediaFile, { ssim }: Compress, { tempDir }: Work): Promise<MadeRendition> {
  const payloadPath = join(tempDir, `${randomUUID()}.mp4`);
  await copyFile(source.path, payloadPath);
  return {
    payloadPath,
    index: {
      ...describeFile(source.probe, "mp4"),
      unchanged: true,
      ...(ssim && { ssim: IDENTICAL }),
      warnings: ["No encode is smaller: the file is the input itself."],
    },
  };
}
