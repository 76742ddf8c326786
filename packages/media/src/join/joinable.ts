import type { ClipIndex, SoundIndex } from "@polyreel/contract";
import { PACKET_SAMPLES } from "../sound/adts.js";
import { MAX_TRUE_PEAK_DBTP } from "../sound/level.js";
import { SAMPLE_RATE } from "../sound/pcm.js";
import type { ClipPart } from "./parts.js";

/** A clip's own violation, or undefined. Computed once per index object, so that joining ready clips only compares them. */
function clipFault(index: ClipIndex): string | undefined {
  const known = clipFaults.get(index);
  if (known !== undefined) return known || undefined;
  const fault = findClipFault(index);
  clipFaults.set(index, fault ?? "");
  return fault;
}

const clipFaults = new WeakMap<ClipIndex, string>();

function findClipFault(index: ClipIndex): string | undefined {
  const { sizes, compositionOffsets, keyFrames, timescale, sampleDuration } = index;
  const frames = sizes.length;
  if (frames === 0) return "has no frames";
  if (sizes.includes(0)) return "has an empty packet";
  if (timescale === 0 || sampleDuration === 0) return "has no frame rate";
  if (keyFrames[0] !== 0) return "does not begin with a key frame";
  if (keyFrames.some((frame, i) => frame >= frames || (i > 0 && frame <= (keyFrames[i - 1] ?? 0)))) {
    return "lists key frames that are not there";
  }
  if (compositionOffsets.length === 0) return undefined; // Each packet is shown when it is decoded.
  if (compositionOffsets.length !== frames) return "has a presentation time for another number of frames";
  return timesFault(index);
}

/**
 * Decoding times are evenly spaced by construction. Presentation times are too, if every multiple of the step, from the
 * reorder delay on, belongs to exactly one frame.
 */
function timesFault({ compositionOffsets, sampleDuration }: ClipIndex): string | undefined {
  const delay = compositionOffsets[0] ?? 0;
  const shown = new Uint8Array(compositionOffsets.length);
  for (const [i, offset] of compositionOffsets.entries()) {
    const place = i + (offset - delay) / sampleDuration;
    // Also if `place` is fractional or out of range: then there is no such element.
    if (shown[place] !== 0) return `presents frame ${i} at a time that is not in step with the others`;
    shown[place] = 1;
  }
  return undefined;
}

/**
 * Why the clips cannot form one stream, or undefined. Clip positions count from 1. `configured`: the codec has a decoder
 * configuration.
 */
export function clipsFault(clips: readonly ClipPart[], configured = true): string | undefined {
  const first = clips[0]?.index;
  if (!first) return "There are no clips.";
  if (configured && first.decoderConfig.length === 0) return "Clip 1 has no decoder configuration.";
  if (configured && first.compositionOffsets.length === 0) return "Clip 1 has no presentation times.";
  for (const [i, { index }] of clips.entries()) {
    const fault = clipFault(index) ?? (index === first ? undefined : difference(first, index));
    if (fault) return `Clip ${i + 1} ${fault}.`;
  }
  return undefined;
}

/** How a clip differs from the first one in a property that all must share, or undefined. */
function difference(first: ClipIndex, clip: ClipIndex): string | undefined {
  if (clip.width !== first.width || clip.height !== first.height) return "is of another size than the first";
  if (clip.timescale !== first.timescale || clip.sampleDuration !== first.sampleDuration) {
    return "has another frame rate than the first";
  }
  if (clip.compositionOffsets[0] !== first.compositionOffsets[0]) return "has another reorder delay than the first";
  // Byte for byte: a decoder gets one configuration for all clips.
  if (Buffer.compare(clip.decoderConfig, first.decoderConfig) !== 0) {
    return "has another decoder configuration than the first";
  }
  return undefined;
}

/** Why a soundtrack does not fit a video of that many samples, or is invalid; or undefined. */
export function soundFault(index: SoundIndex, videoSamples: number): string | undefined {
  const { truePeakDbtp } = index;
  const fault = packetsFault(index, videoSamples);
  if (fault) return fault;
  // Written so that NaN is a fault.
  if (!(truePeakDbtp <= MAX_TRUE_PEAK_DBTP)) {
    return `The soundtrack's true peak is ${truePeakDbtp.toFixed(2)} dBTP, above ${MAX_TRUE_PEAK_DBTP}.`;
  }
  return loudnessFault(index);
}

/** The same of its packets alone. `packetSamples`: samples per packet. */
export function packetsFault(
  { samples: count, sampleRate, delay, sizes, decoderConfig }: SoundIndex,
  videoSamples: number,
  packetSamples = PACKET_SAMPLES,
): string | undefined {
  const samples = Number(count);
  if (sampleRate !== SAMPLE_RATE) return `The soundtrack has ${sampleRate} samples a second, not ${SAMPLE_RATE}.`;
  if (decoderConfig.length === 0) return "The soundtrack has no decoder configuration.";
  if (sizes.length * packetSamples < delay + samples) return "The soundtrack has fewer packets than samples.";
  const offBy = samples - videoSamples;
  if (Math.abs(offBy) > PACKET_SAMPLES) {
    const seconds = (Math.abs(offBy) / SAMPLE_RATE).toFixed(3);
    return `The soundtrack is ${seconds} s ${offBy > 0 ? "longer" : "shorter"} than the picture.`;
  }
  return undefined;
}

function loudnessFault({ loudnessLufs, predictedMinLufs, predictedMaxLufs }: SoundIndex): string | undefined {
  if (loudnessLufs >= predictedMinLufs && loudnessLufs <= predictedMaxLufs) return undefined;
  const range = `${predictedMinLufs.toFixed(1)} to ${predictedMaxLufs.toFixed(1)} LUFS`;
  return `The soundtrack's loudness is ${loudnessLufs.toFixed(1)} LUFS; ${range} were predicted.`;
}
