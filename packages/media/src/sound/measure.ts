import { type FileHandle, open, rm } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { chargingProcess } from "@polyreel/platform/process";
import { runFfmpeg } from "../ffmpeg/run.js";
import { AAC_DELAY } from "./aac.js";
import { type AacPackets, PACKET_SAMPLES } from "./adts.js";
import { BYTES_PER_SAMPLE, PCM_FORMAT, SAMPLE_RATE, valuesIn } from "./pcm.js";
import { type Measured, SoundtrackMeter } from "./soundtrack-meter.js";

/** A soundtrack, of which the first `samples` after the delay are audible. */
export interface EncodedSound {
  readonly aac: AacPackets;
  readonly samples: number;
}

/**
 * Decodes soundtracks as a player does, and measures their audible part. They are concatenated for one decoder: its
 * remaining output of one is added to the first packet of the next, whose samples, the encoder's delay, are inaudible;
 * no other state carries over (our settings use no noise substitution, which is random). So the measurement of a
 * soundtrack does not depend on what precedes it.
 *
 * @param pcmPath path of the decoded PCM, removed afterwards. A file takes half the CPU of a pipe.
 */
export async function measureSounds(
  sounds: readonly EncodedSound[],
  pcmPath: string,
  signal: AbortSignal,
): Promise<Measured[]> {
  const samples = sounds.reduce((sum, { aac }) => sum + aac.packets.length * PACKET_SAMPLES, 0);
  try {
    await runFfmpeg({
      inputs: [{ stdin: true, options: ["-f", "aac"] }],
      outputs: [{ file: pcmPath, options: ["-map", "0:a", ...PCM_FORMAT] }],
      stdin: sounds.map(({ aac }) => aac.stream),
      maxOutputBytes: (samples + SAMPLE_RATE) * BYTES_PER_SAMPLE,
      signal,
      deadlineSeconds: 60 + samples / SAMPLE_RATE,
    });
    await using file = await open(pcmPath, "r");
    if ((await file.stat()).size !== samples * BYTES_PER_SAMPLE) {
      throw new PolyreelError("internal", "Soundtracks do not decode to as many samples as were encoded.");
    }
    const measured: Measured[] = [];
    let start = 0;
    for (const sound of sounds) {
      measured.push(await chargingProcess(() => measureHeard(file, start + AAC_DELAY, sound.samples, signal)));
      start += sound.aac.packets.length * PACKET_SAMPLES;
    }
    return measured;
  } finally {
    await rm(pcmPath, { force: true });
  }
}

/** Measures `samples` of a PCM file from sample `start` on, a second at a time. */
async function measureHeard(file: FileHandle, start: number, samples: number, signal: AbortSignal): Promise<Measured> {
  const meter = new SoundtrackMeter();
  const second = new Uint8Array(SAMPLE_RATE * BYTES_PER_SAMPLE);
  let position = start * BYTES_PER_SAMPLE;
  const end = position + samples * BYTES_PER_SAMPLE;
  while (position < end) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(second, 0, Math.min(second.length, end - position), position);
    const whole = bytesRead - (bytesRead % BYTES_PER_SAMPLE);
    if (whole === 0) throw new PolyreelError("internal", "A decoded soundtrack became shorter while it was read.");
    // NaN would make the loudness NaN, which matches no prediction.
    meter.push(valuesIn(second.subarray(0, whole)));
    position += whole;
  }
  return meter.finish();
}
