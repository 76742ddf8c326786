import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { sourceError } from "@polyreel/platform";
import { chargingProcess } from "@polyreel/platform/process";
import { Limiter } from "../sound/limiter.js";
import { amplitudeOfDb } from "../sound/loudness.js";
import { PcmFile, pcmBytes, SAMPLE_RATE } from "../sound/pcm.js";
import { type Measured, SoundtrackMeter } from "../sound/soundtrack-meter.js";

/** A limiter at -1 dBTP decodes at -0.4 after a lossy codec. */
const LIMIT_DB = -2;
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

/**
 * Brings sound to a loudness: by a gain, with a limiter for its peaks. Returns a file in `folder`; the given one if it is
 * silent, which no gain changes. Throws PolyreelError `invalid` if the loudness can't be reached.
 */
export async function masterPcm(
  pcm: Pcm,
  targetLufs: number,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<Pcm> {
  const own = await measurePcm(pcm, signal);
  if (!Number.isFinite(own.loudnessLufs)) return pcm;
  const path = join(folder, `${randomUUID()}.pcm`);
  let gainDb = targetLufs - own.loudnessLufs;
  let reached = own.loudnessLufs;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && gainDb <= MAX_GAIN_DB; attempt++) {
    await rm(path, { force: true });
    reached = (await limited(pcm, gainDb, path, signal)).loudnessLufs;
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

/** Measures PCM. */
export const measurePcm = (pcm: Pcm, signal: AbortSignal): Promise<Measured> =>
  chargingProcess(async () => {
    const meter = new SoundtrackMeter();
    for await (const values of secondsOf(pcm, signal)) meter.push(values);
    return meter.finish();
  });

function limited(pcm: Pcm, gainDb: number, path: string, signal: AbortSignal): Promise<Measured> {
  return chargingProcess(async () => {
    const meter = new SoundtrackMeter();
    const limiter = new Limiter(amplitudeOfDb(LIMIT_DB));
    const gain = amplitudeOfDb(gainDb);
    await using file = await open(path, "wx");
    const write = async (values: Float32Array) => {
      meter.push(values);
      await file.writeFile(pcmBytes(values));
    };
    for await (const values of secondsOf(pcm, signal)) await write(limiter.push(values.map((value) => value * gain)));
    await write(limiter.finish());
    return meter.finish();
  });
}

async function* secondsOf({ path, samples }: Pcm, signal: AbortSignal): AsyncGenerator<Float32Array> {
  await using file = await PcmFile.open(path, samples);
  for (let at = 0; at < samples; at += SAMPLE_RATE) {
    signal.throwIfAborted();
    yield await file.read(at, SAMPLE_RATE);
  }
}
