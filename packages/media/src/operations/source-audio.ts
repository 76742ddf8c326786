import { randomUUID } from "node:crypto";
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { SoundIndexSchema } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";
import { layOutSound } from "../join/layout-sound.js";
import type { AudioProbe } from "../probe/parse.js";
import { soundTrack } from "../probe/require.js";
import { AAC_DELAY, BITS_PER_SECOND, encodeAac } from "../sound/aac.js";
import { decodePcm } from "../sound/decode.js";
import { MAX_SECONDS } from "../sound/decode-sound.js";
import { CHANNELS, SAMPLE_RATE } from "../sound/pcm.js";
import { copyAac } from "./copy-aac.js";
import type { MediaFile, OperationWork } from "./media-file.js";

export interface SourceAudioSettings {
  /** For audio that is encoded, 32,000 to 320,000. AAC is copied unchanged. */
  readonly bitsPerSecond: number;
  /** Audio track, from 1; 0 selects the default one. */
  readonly track: number;
}

export const SOURCE_AUDIO_DEFAULTS: SourceAudioSettings = { bitsPerSecond: BITS_PER_SECOND, track: 0 };

/** An M4A: a file in `tempDir`, now owned by the caller, which becomes a part; with its certificate. */
export interface MadeAudio {
  readonly payloadPath: string;
  readonly sizeBytes: number;
  /** The packets are the source's own. */
  readonly copied: boolean;
  readonly audioSeconds: number;
  readonly sampleRate: number;
  readonly channels: number;
}

/**
 * The audio of a source as an M4A, from its first sample to its last: AAC is copied; anything else, and AAC whose
 * timestamps or format would change the sound in a copy, is encoded as AAC at 48 kHz in stereo, with gaps filled by
 * silence. Throws PolyreelError `invalid` if there is no audio, no such track, or it cannot be decoded; no file is left
 * then.
 */
export async function sourceAudio(
  source: MediaFile,
  { bitsPerSecond, track: number }: SourceAudioSettings,
  work: OperationWork,
): Promise<MadeAudio> {
  const track = soundTrack(source.probe, number);
  const payloadPath = join(work.tempDir, `${randomUUID()}.m4a`);
  const copy = track.codec === "aac" ? await copyAac(source, track, payloadPath, work) : undefined;
  if (copy) {
    const { sampleRate, channels } = track;
    const { size } = await stat(payloadPath);
    return {
      payloadPath,
      sizeBytes: size,
      copied: true,
      audioSeconds: copy.samples / sampleRate,
      sampleRate,
      channels,
    };
  }
  return encoded(source, track, { payloadPath, bitsPerSecond }, work);
}

async function encoded(
  { path, probe }: MediaFile,
  track: AudioProbe,
  { payloadPath, bitsPerSecond }: { payloadPath: string; bitsPerSecond: number },
  { signal, tempDir }: OperationWork,
): Promise<MadeAudio> {
  if (track.durationSeconds > MAX_SECONDS) throw tooLong(track.durationSeconds);
  const pcm = await decodePcm(path, { zeroAt: "audio", track: (track.track ?? 0) + 1, probe, signal, tempDir });
  const adtsPath = join(tempDir, `${randomUUID()}.aac`);
  try {
    const samples = Number(pcm.index.samples);
    const [aac] = await encodeAac([{ pcm: { path: pcm.path }, samples, bitsPerSecond, adtsPath }], { signal });
    const { packets = [], decoderConfig = new Uint8Array() } = aac ?? {};
    const index = create(SoundIndexSchema, {
      ...{ sampleRate: SAMPLE_RATE, channels: CHANNELS, decoderConfig, delay: AAC_DELAY, samples: pcm.index.samples },
      sizes: packets.map(({ length }) => length),
    });
    const { header, sizeBytes } = layOutSound({ hash: "", index });
    await writeAll(payloadPath, [header, ...packets]);
    const audioSeconds = samples / SAMPLE_RATE;
    return { payloadPath, sizeBytes, copied: false, audioSeconds, sampleRate: SAMPLE_RATE, channels: CHANNELS };
  } catch (error) {
    await rm(payloadPath, { force: true });
    throw error;
  } finally {
    await rm(pcm.path, { force: true });
    await rm(adtsPath, { force: true });
  }
}

async function writeAll(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  await using file = await open(path, "wx");
  await file.writeFile(Buffer.concat(pieces));
}

const tooLong = (seconds: number) =>
  sourceError({
    reason: `The file's sound is ${(seconds / 3600).toFixed(1)} hours long; at most ${MAX_SECONDS / 3600} can be encoded.`,
    remedy: "Cut it, or convert its sound to AAC first: that is copied.",
  });
