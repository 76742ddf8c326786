import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type PcmIndex, type SoundIndex, SoundIndexSchema, type SoundRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { AAC_DELAY } from "./aac.js";
import type { AacPackets } from "./adts.js";
import { firstDeviation } from "./deviation.js";
import { MAX_TRUE_PEAK_DBTP } from "./level.js";
import { Limiter } from "./limiter.js";
import { amplitudeOfDb, integratedLoudness, powerOfLufs } from "./loudness.js";
import { LoudnessMeter } from "./loudness-meter.js";
import { correctedGainDb, masterGainDb, raised } from "./mastering.js";
import { mixTracks } from "./mixer.js";
import { CHANNELS, PcmFile, SAMPLE_RATE } from "./pcm.js";
import { type LoudnessRange, predictedRange, predictPowers, scalePowers } from "./predicted-loudness.js";
import type { SoundEncoder } from "./sound-encoder.js";
import { soundWarnings } from "./sound-warnings.js";
import type { Measured } from "./soundtrack-meter.js";
import { type Track, tracksOf } from "./timeline.js";

/** A decoded input of a soundtrack. */
export interface PcmInput {
  readonly path: string;
  readonly index: PcmIndex;
  /** The file's content, if it is in memory already. */
  readonly bytes?: Uint8Array | undefined;
}

export interface MixOptions {
  readonly signal: AbortSignal;
  readonly encoder: SoundEncoder;
  /** Folder for the payload; the caller removes it. */
  readonly tempDir: string;
  /** 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** First limit to try. AAC adds about 0.6 dB to peaks: a limit of -1 decodes at -0.4. */
const FIRST_LIMIT_DB = -2;
const MAX_ATTEMPTS = 4;
/** How often a mix may be corrected towards its target: gain cannot replace what the limiter removes. */
const MAX_CORRECTIONS = 2;
/** AAC at this rate drops everything above 17 kHz: 1.7 LU of white noise, nothing of speech and music. */
const MAX_CODEC_LOSS_LU = 3;

/**
 * Makes a soundtrack: mixes, limits, encodes, decodes the result and measures it. Inputs are in the order of the
 * recipe's events. If the decoded true peak exceeds -1 dBTP, it is made again with a lower limit; if it misses the
 * target loudness, with another gain.
 *
 * Throws PolyreelError `invalid` for a voice or a bed without sound, `internal` if the result is not as loud as
 * predicted from its inputs.
 */
export async function mixSound(
  recipe: SoundRecipe,
  inputs: readonly PcmInput[],
  options: MixOptions,
): Promise<{ payloadPath: string; index: SoundIndex }> {
  const samples = Number(recipe.samples);
  const tracks = tracksOf(
    recipe,
    inputs.map((input) => input.index),
  );
  await using files = await openInputs(inputs);
  const steady = { ...options, ...(options.onProgress && { onProgress: monotonic(options.onProgress) }) };
  let limitDb = FIRST_LIMIT_DB;
  let gainDb = masterGainDb(tracks, recipe);
  for (let attempt = 1; ; attempt++) {
    const made = await makeOnce(raised(tracks, gainDb), files.list, samples, amplitudeOfDb(limitDb), steady);
    const corrected = correctedGainDb(gainDb, made.measured.loudnessLufs, tracks, recipe);
    if (corrected !== gainDb && attempt < MAX_CORRECTIONS) {
      gainDb = corrected;
      continue;
    }
    const over = made.measured.truePeakDbtp - MAX_TRUE_PEAK_DBTP;
    if (over > 0 && attempt < MAX_ATTEMPTS) {
      limitDb -= over + 0.2;
      continue;
    }
    if (over > 0) throw new PolyreelError("internal", `A soundtrack peaks at ${made.measured.truePeakDbtp} dBTP.`);
    const index = indexOf(made, samples);
    index.warnings.push(...soundWarnings(tracks, recipe));
    return { payloadPath: await writePayload(made.aac, options.tempDir), index };
  }
}

/** Further attempts start at 0: the reported value is kept until they exceed it. */
function monotonic(onProgress: (fraction: number) => void): (fraction: number) => void {
  let highest = 0;
  return (fraction) => {
    if (fraction <= highest) return;
    highest = fraction;
    onProgress(fraction);
  };
}

interface Made {
  readonly aac: AacPackets;
  readonly measured: Measured;
  readonly range: LoudnessRange;
}

async function makeOnce(
  tracks: readonly Track[],
  files: readonly PcmFile[],
  samples: number,
  limit: number,
  { signal, encoder, onProgress }: MixOptions,
): Promise<Made> {
  const limiter = new Limiter(limit);
  const meter = new LoudnessMeter();
  const interferences: number[] = [];
  async function* pieces(): AsyncGenerator<Float32Array> {
    for await (const { values, interference } of mixTracks(tracks, files, samples, signal)) {
      interferences.push(interference);
      const ready = limiter.push(values);
      meter.push(ready);
      yield ready;
    }
    const rest = limiter.finish();
    meter.push(rest);
    yield rest;
  }
  const { aac, measured } = await encoder.encode({ samples, pieces }, { signal, onProgress });
  const predicted = scalePowers(scalePowers(predictPowers(tracks, samples), interferences), limiter.powerFactors());
  const powers = meter.finish().map(powerOfLufs);
  const deviation = firstDeviation(powers, predicted);
  const range = predictedRange(predicted, codecLossLu(powers, measured));
  const inRange = measured.loudnessLufs >= range.minLufs && measured.loudnessLufs <= range.maxLufs;
  if (deviation || !inRange) throw unexpectedLoudness({ ...range, ...measured, ...deviation });
  return { aac, measured, range };
}

/** How much quieter encoding made the mix, within plausible bounds. */
function codecLossLu(powers: readonly number[], { loudnessLufs }: Measured): number {
  const lossLu = integratedLoudness(powers) - loudnessLufs;
  return lossLu > 0 && lossLu <= MAX_CODEC_LOSS_LU ? lossLu : 0;
}

function unexpectedLoudness(found: object): PolyreelError {
  return new PolyreelError(
    "internal",
    {
      reason: "A soundtrack's loudness differs from the prediction for its sounds.",
      remedy: "Look in the service's log for this trace.",
    },
    { cause: new Error(JSON.stringify(found)) },
  );
}

async function writePayload({ packets }: AacPackets, tempDir: string): Promise<string> {
  const payloadPath = join(tempDir, "sound.payload");
  await writeFile(payloadPath, Buffer.concat(packets));
  return payloadPath;
}

const indexOf = ({ aac, measured, range }: Made, samples: number): SoundIndex =>
  create(SoundIndexSchema, {
    sampleRate: SAMPLE_RATE,
    channels: CHANNELS,
    decoderConfig: aac.decoderConfig,
    sizes: aac.packets.map((packet) => packet.length),
    delay: AAC_DELAY,
    samples: BigInt(samples),
    loudnessLufs: measured.loudnessLufs,
    truePeakDbtp: measured.truePeakDbtp,
    predictedMinLufs: range.minLufs,
    predictedMaxLufs: range.maxLufs,
  });

async function openInputs(inputs: readonly PcmInput[]): Promise<{ list: PcmFile[] } & AsyncDisposable> {
  const list: PcmFile[] = [];
  const dispose = async () => {
    for (const file of list) await file[Symbol.asyncDispose]();
  };
  try {
    for (const { path, index, bytes } of inputs) list.push(await PcmFile.open(path, Number(index.samples), bytes));
  } catch (error) {
    await dispose();
    throw error;
  }
  return { list, [Symbol.asyncDispose]: dispose };
}
