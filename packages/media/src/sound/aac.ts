import { readFile } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { runFfmpeg } from "../ffmpeg/run.js";
import { type AacPackets, PACKET_SAMPLES, parseAdts } from "./adts.js";
import { CHANNELS, PCM_FORMAT, SAMPLE_RATE } from "./pcm.js";

/** Samples that the decoder gives before the first one that was encoded (ffmpeg's native encoder, AAC-LC). */
export const AAC_DELAY = 1024;
/** Of soundtracks, and of others that don't ask for another rate. */
export const BITS_PER_SECOND = 160_000;
/**
 * No thread for each input, as ffmpeg has where there are several, nor some for each filter: handing over packets of 40 ms took
 * 16 ms of the CPU of 15 s.
 */
const AS_PCM = { options: ["-thread_queue_size", "0", ...PCM_FORMAT] } as const;

/** How many packets it takes until `samples` are decoded. */
export const packetCount = (samples: number): number => Math.ceil((AAC_DELAY + samples) / PACKET_SAMPLES);

/** PCM to encode, `samples` long: a file, or pieces as they are made. */
export interface Encoding {
  readonly pcm: { readonly path: string } | { readonly pieces: AsyncIterable<Uint8Array> };
  readonly samples: number;
  readonly bitsPerSecond?: number;
  /** Where the ADTS stream is written, and stays. */
  readonly adtsPath: string;
}

export interface EncodeOptions {
  readonly signal: AbortSignal;
  /** Seconds encoded, of all at the same time. */
  readonly onProgress?: (seconds: number) => void;
}

/**
 * Encodes sounds to exactly the packets that decode to them, all by one process, each by an encoder of its own: what a sound
 * becomes does not depend on what else the process encodes. Pieces come by stdin, so a sound in pieces must be alone. Throws
 * PolyreelError `internal` where a sound is shorter than it should be.
 */
export async function encodeAac(
  encodings: readonly Encoding[],
  { signal, onProgress }: EncodeOptions,
): Promise<AacPackets[]> {
  const longest = Math.max(...encodings.map(({ samples }) => samples)) / SAMPLE_RATE;
  const total = encodings.reduce((sum, { samples }) => sum + samples, 0) / SAMPLE_RATE;
  const highest = Math.max(...encodings.map(({ bitsPerSecond = BITS_PER_SECOND }) => bitsPerSecond));
  const pieces = encodings.flatMap(({ pcm }) => ("pieces" in pcm ? [pcm.pieces] : []));
  await runFfmpeg({
    inputs: encodings.map(({ pcm }) => ("path" in pcm ? { file: pcm.path, ...AS_PCM } : { stdin: true, ...AS_PCM })),
    filterThreads: 1,
    outputs: encodings.map(({ adtsPath, bitsPerSecond }, i) => ({
      file: adtsPath,
      options: encoderOptions(i, bitsPerSecond),
    })),
    ...(pieces[0] && { stdin: pieces[0] }),
    // Three times the rate asked for, and room for headers.
    maxOutputBytes: Math.ceil(longest * (highest / 8) * 3) + 65_536,
    signal,
    deadlineSeconds: 60 + total,
    ...(onProgress && { onProgress }),
  });
  return Promise.all(encodings.map(readPackets));
}

async function readPackets({ adtsPath, samples }: Encoding): Promise<AacPackets> {
  const expected = packetCount(samples);
  const aac = parseAdts(await readFile(adtsPath), expected);
  if (aac.packets.length === expected) return aac;
  throw new PolyreelError("internal", `A sound became ${aac.packets.length} packets, not ${expected}.`);
}

const encoderOptions = (input: number, bitsPerSecond = BITS_PER_SECOND): string[] => [
  ...["-map", `${input}:a`, "-c:a", "aac", "-b:a", String(bitsPerSecond), "-ac", String(CHANNELS)],
  // Half the CPU of the default search; on music with speech also 2 dB nearer to the original at this rate.
  ...["-aac_coder", "fast"],
  // At this rate neither makes anything better: 7 % of the CPU, and noise put in by chance where the decoder stands.
  ...["-aac_pns", "0", "-aac_tns", "0"],
  // No name of the encoder's build in the packets: the same sound gives the same bytes.
  ...["-flags:a", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1", "-f", "adts"],
];
