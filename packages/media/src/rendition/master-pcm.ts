import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { sourceError } from "@polyreel/platform";
import { chargingProcess } from "@polyreel/platform/process";
import type { AudioProbe, Probe } from "../probe/parse.js";
import { MAX_SECONDS } from "../sound/decode-sound.js";
import { Limiter } from "../sound/limiter.js";
import { amplitudeOfDb } from "../sound/loudness.js";
import { PcmFile, pcmBytes, SAMPLE_RATE } from "../sound/pcm.js";
import { type Measured, SoundtrackMeter } from "../sound/soundtrack-meter.js";

/** A limiter at -1 dBTP decodes at -0.4 after a lossy codec. */
const LIMIT_DB = -2;
/** Mono is encoded from two equal channels at the sum of their powers. */
const MONO_LIMIT_DB = LIMIT_DB - 10 * Math.log10(2);
/** Nearer to the target is not audible. */
const TOLERANCE_LU = 0.3;
/** After which the limiter takes away what a gain adds. */
const MAX_ATTEMPTS = 4;
/** More raises noise. */
const MAX_GAIN_DB = 40;

interface Pcm {
  readonly path: string;
  readonly samples: number;
}

/** Whether sound is short enough to be decoded to a file. */
export const isDecodable = ({ durationSeconds }: Pick<AudioProbe, "durationSeconds">): boolean =>
  durationSeconds <= MAX_SECONDS;

/** Refuses sound that would have to be decoded to a file, and is too long for one. Throws PolyreelError `invalid`. */
export function assertMasterable(
  targetLufs: number,
  sound: Pick<AudioProbe, "durationSeconds">,
  { restarts }: Pick<Probe, "restarts">,
): void {
  if (isDecodable(sound) || (targetLufs === 0 && !restarts)) return;
  const length = `${(sound.durationSeconds / 3600).toFixed(1)} hours long; at most ${MAX_SECONDS / 3600}`;
  throw targetLufs === 0
    ? sourceError({
        reason: `The sound's timestamps restart, and it is ${length} can be put together.`,
        remedy: "Give the recordings that were put together one by one.",
      })
    : sourceError({
        field: "loudnessLufs",
        reason: `The sound is ${length} can be brought to a loudness.`,
        remedy: "Leave loudnessLufs out, or cut the file first.",
      });
}

/**
 * Brings sound to a loudness: by a gain, with a limiter for its peaks. For mono both channels are mixed first, because
 * their sum is louder or quieter than they are. Returns a file in `folder`; the given one if it is silent, which no gain
 * changes. Throws PolyreelError `invalid` if the loudness can't be reached.
 */
export async function masterPcm(
  pcm: Pcm,
  targetLufs: number,
  { channels, folder, signal }: { channels: number; folder: string; signal: AbortSignal },
): Promise<Pcm> {
  const isMono = channels === 1;
  const own = await measurePcm(pcm, signal, isMono);
  if (!Number.isFinite(own.loudnessLufs)) return pcm;
  const path = join(folder, `${randomUUID()}.pcm`);
  let gainDb = targetLufs - own.loudnessLufs;
  let reached = own.loudnessLufs;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && gainDb <= MAX_GAIN_DB; attempt++) {
    await rm(path, { force: true });
    reached = (await limited(pcm, { gainDb, isMono, path }, signal)).loudnessLufs;
    const offBy = targetLufs - reached;
    if (Math.abs(offBy) <= TOLERANCE_LU) return { path, samples: pcm.samples };
    gainDb += offBy;
  }
  throw sourceError({
    field: "loudnessLufs",
    reason: `The sound has ${own.loudnessLufs.toFixed(1)} LUFS and peaks that allow ${reached.toFixed(1)} LUFS at most.`,
    remedy: `Choose a loudness up to ${Math.floor(reached)} LUFS.`,
  });
}

/** Measures PCM; `isMono`: its channels mixed. */
export const measurePcm = (pcm: Pcm, signal: AbortSignal, isMono = false): Promise<Measured> =>
  chargingProcess(async () => {
    const meter = new SoundtrackMeter();
    for await (const values of secondsOf(pcm, isMono, signal)) meter.push(values);
    return meter.finish();
  });

function limited(
  pcm: Pcm,
  { gainDb, isMono, path }: { gainDb: number; isMono: boolean; path: string },
  signal: AbortSignal,
): Promise<Measured> {
  return chargingProcess(async () => {
    const meter = new SoundtrackMeter();
    const limiter = new Limiter(amplitudeOfDb(isMono ? MONO_LIMIT_DB : LIMIT_DB));
    const gain = amplitudeOfDb(gainDb);
    await using file = await open(path, "wx");
    const write = async (values: Float32Array) => {
      meter.push(values);
      await file.writeFile(pcmBytes(values));
    };
    for await (const values of secondsOf(pcm, isMono, signal))
      await write(limiter.push(values.map((value) => value * gain)));
    await write(limiter.finish());
    return meter.finish();
  });
}

async function* secondsOf({ path, samples }: Pcm, isMono: boolean, signal: AbortSignal): AsyncGenerator<Float32Array> {
  await using file = await PcmFile.open(path, samples);
  for (let at = 0; at < samples; at += SAMPLE_RATE) {
    signal.throwIfAborted();
    const values = await file.read(at, SAMPLE_RATE);
    yield isMono ? mixed(values) : values;
  }
}

/** The mean of both channels, in each of them. */
const mixed = (values: Float32Array): Float32Array =>
  values.map((value, i) => (value + (values[i % 2 === 0 ? i + 1 : i - 1] ?? value)) / 2);
