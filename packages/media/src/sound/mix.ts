import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type PcmIndex, type SoundIndex, SoundIndexSchema, type SoundRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { AAC_DELAY } from "./aac.js";
import type { AacPackets } from "./adts.js";
import { firstDeviation } from "./deviation.js";
import type { Measured } from "./heard-meter.js";
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
import { type Track, tracksOf } from "./timeline.js";

/** A decoded input of a soundtrack. */
export interface PcmInput {
  readonly path: string;
  readonly index: PcmIndex;
  /** What is in the file, where it is in memory already. */
  readonly bytes?: Uint8Array | undefined;
}

export interface MixOptions {
  readonly signal: AbortSignal;
  readonly encoder: SoundEncoder;
  /** For the payload; the caller removes it. */
  readonly tempDir: string;
  /** 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** Limited here first. AAC adds about 0.6 dB to peaks: a limit of -1 decodes at -0.4. */
const FIRST_LIMIT_DB = -2;
const MAX_TRIES = 4;
/** So often a mix may be made to come nearer to its target: what the limiter takes can't be had by more gain. */
const MAX_CORRECTIONS = 2;
/** AAC at this rate leaves out what lies above 17 kHz: of white noise 1.7 LU, of speech and music nothing. */
const MAX_CODEC_LOSS_LU = 3;

/**
 * Makes a soundtrack: mixes, limits, encodes once, decodes the result and measures it. Inputs stand in the order of the
 * recipe's events. Where the decoded true peak is over -1 dBTP, it is made again with a lower limit; where it is not as loud as
 * the recipe's target, once more with another gain.
 *
 * Throws PolyreelError `invalid` for a voice or a bed without sound, `internal` where the result is not as loud as its
 * inputs foretell.
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
  const steady = { ...options, ...(options.onProgress && { onProgress: neverFalling(options.onProgress) }) };
  let limitDb = FIRST_LIMIT_DB;
  let gainDb = masterGainDb(tracks, recipe);
  for (let tries = 1; ; tries++) {
    const made = await makeOnce(raised(tracks, gainDb), files.list, samples, amplitudeOfDb(limitDb), steady);
    const corrected = correctedGainDb(gainDb, made.measured.loudnessLufs, tracks, recipe);
    if (corrected !== gainDb && tries < MAX_CORRECTIONS) {
      gainDb = corrected;
      continue;
    }
    const over = made.measured.truePeakDbtp - MAX_TRUE_PEAK_DBTP;
    if (over > 0 && tries < MAX_TRIES) {
      limitDb -= over + 0.2;
      continue;
    }
    if (over > 0) throw new PolyreelError("internal", `A soundtrack peaks at ${made.measured.truePeakDbtp} dBTP.`);
    const index = indexOf(made, samples);
    index.warnings.push(...soundWarnings(tracks, recipe));
    return { payloadPath: await writePayload(made.aac, options.tempDir), index };
  }
}

/** A second try begins at 0 again: what is told stays where it was until then. */
function neverFalling(onProgress: (fraction: number) => void): (fraction: number) => void {
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
  if (deviation || !inRange) throw notAsForetold({ ...range, ...measured, ...deviation });
  return { aac, measured, range };
}

/** How much quieter encoding made the mix, as far as that can be right. */
function codecLossLu(powers: readonly number[], { loudnessLufs }: Measured): number {
  const lossLu = integratedLoudness(powers) - loudnessLufs;
  return lossLu > 0 && lossLu <= MAX_CODEC_LOSS_LU ? lossLu : 0;
}

function notAsForetold(found: object): PolyreelError {
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
