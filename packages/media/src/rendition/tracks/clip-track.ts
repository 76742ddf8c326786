import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type ClipIndex, ClipIndexSchema, type Transcode, TranscodeSchema } from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { clipIndex, type EncodedPacket } from "../../clip/clip-index.js";
import { type ClipFormat, type FrameRate, timeBase } from "../../clip/format.js";
import { readPackets } from "../../clip/read-packets.js";
import { probeOfJoin } from "../../join/joined-probe.js";
import type { MediaFile } from "../../operations/media-file.js";
import type { Probe } from "../../probe/parse.js";
import { type MadeRendition, type RenditionWork, transcode } from "../transcode.js";
import { rateAfter } from "./track-scope.js";

/** Attempts to keep a clip's average below the cap, each at a lower rate. */
const CAP_ATTEMPTS = 5;
const CAP_STEP = 0.85;

/**
 * Encodes a clip with other settings as a track: the packets of exactly its frames, which can be joined with those of all
 * clips of its canvas with the same settings. `settings`: as `clipSettings` returns them. Throws like `transcode`.
 */
export async function clipTrack(
  source: MediaFile,
  settings: Transcode,
  clip: Pick<ClipIndex, "timescale" | "sampleDuration" | "sizes">,
  work: RenditionWork,
): Promise<MadeRendition> {
  const own = rateOf(clip);
  const { rate, frames } = rateAfter(settings, own, clip.sizes.length) ?? { rate: own, frames: clip.sizes.length };
  const { maxVideoKbps: cap } = settings;
  const seconds = (frames * rate.denominator) / rate.numerator;
  let attempt = settings;
  for (let i = 0; i < CAP_ATTEMPTS; i++) {
    const made = await transcode(source, attempt, { ...work, joinedRate: rate, track: 0 });
    const track = await takenApart(made, { rate, frames }, work);
    const kbps = (track.clip.sizes.reduce((sum, size) => sum + size, 0) * 8) / 1000 / seconds;
    if (cap === 0 || kbps <= cap) {
      return { payloadPath: track.payloadPath, index: { ...made.index, track: { case: "clip", value: track.clip } } };
    }
    await rm(track.payloadPath, { force: true });
    // A player's buffer must be as full at the end of each clip as at its start, whatever clip comes next.
    const { crf: _, ...rest } = settings;
    attempt = create(TranscodeSchema, { ...rest, videoKbps: Math.max(1, Math.floor(cap * CAP_STEP ** (i + 1))) });
  }
  throw sourceError({
    field: "maxVideoKbps",
    reason: `${seconds.toFixed(2)} s of this video can't be encoded at ${cap} kbit/s on average.`,
    remedy: "Allow a higher rate, or make the picture smaller.",
  });
}

/** The probe of a clip, without reading it. */
export function probeOfClip({ width, height, sizes, ...clip }: ClipIndex): Probe {
  const { numerator: rateNumerator, denominator: rateDenominator } = rateOf(clip);
  return probeOfJoin({ width, height, rateNumerator, rateDenominator }, sizes.length, false);
}

/** Frames a second as a fraction in lowest terms. */
function rateOf({ timescale, sampleDuration }: Pick<ClipIndex, "timescale" | "sampleDuration">): FrameRate {
  const divisor = greatestCommonDivisor(timescale, sampleDuration);
  return { numerator: timescale / divisor, denominator: sampleDuration / divisor };
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** Replaces a file by its packets, back to back. Throws `internal` if they are not those of all frames. */
async function takenApart(
  { payloadPath: path, index: { video } }: MadeRendition,
  { rate, frames }: { rate: FrameRate; frames: number },
  { tempDir, signal }: RenditionWork,
): Promise<{ payloadPath: string; clip: ClipIndex }> {
  const payloadPath = join(tempDir, `${randomUUID()}.track`);
  try {
    const { packets, decoderConfig } = await readPackets(path, payloadPath, signal);
    const format = {
      ...{ width: video?.width ?? 0, height: video?.height ?? 0 },
      ...{ rateNumerator: rate.numerator, rateDenominator: rate.denominator },
    };
    const clip =
      video?.codec === "vp9" ? vp9Index(format, frames, packets) : clipIndex(format, frames, packets, decoderConfig);
    return { payloadPath, clip };
  } catch (error) {
    await rm(payloadPath, { force: true });
    throw error;
  } finally {
    await rm(path, { force: true });
  }
}

function vp9Index(format: ClipFormat, frames: number, packets: readonly EncodedPacket[]): ClipIndex {
  if (packets.length !== frames || !packets[0]?.keyFrame) {
    throw new PolyreelError("internal", "A clip was encoded wrongly.", {
      cause: new Error(`${packets.length} packets for ${frames} frames, key frame: ${packets[0]?.keyFrame}`),
    });
  }
  return create(ClipIndexSchema, {
    ...{ width: format.width, height: format.height, ...timeBase(format) },
    sizes: packets.map(({ sizeBytes }) => sizeBytes),
    keyFrames: packets.flatMap(({ keyFrame }, i) => (keyFrame ? [i] : [])),
  });
}
