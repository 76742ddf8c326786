import type { Certificate, RenditionCertificate } from "@polyreel/contract";
import { decodedFrameCount, decodedImageSize, decodedSoundSeconds, probedHeader } from "@polyreel/media/testing";

/** Difference in seconds between a certified length and a decoded one that frames, and what codecs add, explain. */
const LENGTH_TOLERANCE = 0.25;

/** Decodes a delivered file; returns how it differs from its certificate. */
export async function certificateProblem(path: string, { operation }: Certificate): Promise<string | undefined> {
  switch (operation.case) {
    case "picture":
    case "image":
      return pictureProblem(path, operation.value);
    case "inputAudio":
      return soundProblem(path, operation.value.audioSeconds);
    case "rendition":
      return renditionProblem(path, operation.value);
    default:
      return undefined;
  }
}

async function pictureProblem(path: string, { width, height }: { width: number; height: number }) {
  const isAvif = path.endsWith(".avif");
  const { streams } = isAvif ? { streams: [await decodedImageSize(path)] } : await probedHeader(path);
  const size = streams.map((one) => `${one.width}x${one.height}`).join(", ");
  if (size !== `${width}x${height}`) return `the picture is ${size}, certified ${width}x${height}`;
  if (isAvif) return undefined;
  const frames = await decodedFrameCount(path);
  return frames === 1 ? undefined : `the picture decodes to ${frames} frames`;
}

async function soundProblem(path: string, seconds: number): Promise<string | undefined> {
  const { streams } = await probedHeader(path);
  if (!streams.some((one) => one.codec_type === "audio")) return "the file has no sound";
  const decoded = await decodedSoundSeconds(path);
  return Math.abs(decoded - seconds) <= LENGTH_TOLERANCE
    ? undefined
    : `${decoded.toFixed(3)} s of sound decode, certified ${seconds.toFixed(3)} s`;
}

async function renditionProblem(
  path: string,
  { format, video, audio, durationSeconds, waveform }: RenditionCertificate,
): Promise<string | undefined> {
  if (waveform && waveform.height > 0) return pictureProblem(path, { width: waveform.length, height: waveform.height });
  if (format === "json") return undefined;
  const { streams } = await probedHeader(path);
  const kinds = streams.map((one) => one.codec_type).filter((kind) => kind === "video" || kind === "audio");
  const certified = [...(video ? ["video"] : []), ...(audio ? ["audio"] : [])];
  if (kinds.sort().join() !== certified.sort().join()) return `it has ${kinds}, certified ${certified}`;
  if (!video) return soundProblem(path, durationSeconds);
  const picture = streams.find((one) => one.codec_type === "video");
  const size = `${picture?.width}x${picture?.height}`;
  if (size !== `${video.width}x${video.height}`)
    return `the picture is ${size}, certified ${video.width}x${video.height}`;
  const frames = await decodedFrameCount(path);
  return frames === 0 ? "no picture decodes" : undefined;
}
