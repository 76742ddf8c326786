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
import type { MediaFile } from "../operations/media-file.js";
import { describeFile } from "./describe-file.js";
import { IDENTICAL } from "./ssim/certify-ssim.js";
import { type MadeRendition, type RenditionWork, transcode } from "./transcode.js";
import { planTranscode } from "./transcode-plan.js";

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

/** The transcode that a compression tries first. */
export function transcodeOf({ quality, targetMegabytes, videoCodec, ssim }: Compress): Transcode {
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
  const { targetMegabytes, ssim } = settings;
  const first = transcodeOf(settings);
  planTranscode(first, source.probe, work); // Refuses stills and sound.
  const isSmallEnough = targetMegabytes > 0 && sizeBytes <= targetMegabytes * 1e6;
  if (!isSmallEnough) {
    const made = await transcode(source, first, work);
    if (await isSmaller(made, sizeBytes)) return made;
  }
  if (isMp4(source)) return unchanged(source, settings, work);
  const copy = { container: MediaContainer.MP4, videoCodec: VideoCodec.COPY };
  const remux = create(TranscodeSchema, { ...copy, ...(ssim && { ssim }) });
  const copied = await transcode(source, remux, work).catch(() => undefined);
  if (copied && (await isSmaller(copied, sizeBytes))) return copied;
  const { crf: _, ...rest } = first;
  return transcode(source, create(TranscodeSchema, { ...rest, targetMegabytes: sizeBytes / 1e6 }), work);
}

const isMp4 = ({ probe }: MediaFile): boolean => probe.container.startsWith("mov,");

/** Removes the file if it is not smaller. */
async function isSmaller({ payloadPath }: MadeRendition, limit: number): Promise<boolean> {
  if ((await stat(payloadPath)).size < limit) return true;
  await rm(payloadPath, { force: true });
  return false;
}

async function unchanged(source: MediaFile, { ssim }: Compress, { tempDir, signal }: Work): Promise<MadeRendition> {
  const payloadPath = join(tempDir, `${randomUUID()}.mp4`);
  await copyFile(source.path, payloadPath);
  const index = await describeFile(payloadPath, { ...source.probe }, "mp4", signal);
  return {
    payloadPath,
    index: {
      ...index,
      unchanged: true,
      ...(ssim && { ssim: IDENTICAL }),
      warnings: ["No encode is smaller: the file is the input itself."],
    },
  };
}
