import { readFile } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { runFfmpeg } from "../ffmpeg/run.js";
import { type AacPackets, PACKET_SAMPLES, parseAdts } from "./adts.js";
import { CHANNELS, PCM_FORMAT, SAMPLE_RATE } from "./pcm.js";

/** Samples decoded before the first encoded one (ffmpeg's native encoder, AAC-LC). */
export const AAC_DELAY = 1024;
/** Of soundtracks, and of other audio unless another rate is requested. */
export const BITS_PER_SECOND = 160_000;
/**
 * No thread per input, which ffmpeg uses for several, nor threads per filter: handing over packets of 40 ms took 16 ms
 * of the CPU of 15 s.
 */
const AS_PCM = { options: ["-thread_queue_size", "0", ...PCM_FORMAT] } as const;

/** Number of packets that decode to at least `samples`. */
export const packetCount = (samples: number): number => Math.ceil((AAC_DELAY + samples) / PACKET_SAMPLES);

/** PCM to encode, `samples` long: a file, or pieces on demand. */
export interface Encoding {
  readonly pcm: { readonly path: string } | { readonly pieces: AsyncIterable<Uint8Array> };
  readonly samples: number;
  readonly bitsPerSecond?: number;
  /** Path of the ADTS stream, which the caller owns. */
  readonly adtsPath: string;
}

export interface EncodeOptions {
  readonly signal: AbortSignal;
  /** Seconds encoded, the same for all concurrent sounds. */
  readonly onProgress?: (seconds: number) => void;
}

/**
 * Encodes sounds to exactly the packets that decode to them, in one process with an encoder each, so that the result
 * does not depend on the other sounds. Pieces go through stdin, so a sound in pieces must be alone. Throws
 * PolyreelError `internal` if a sound is shorter than stated.
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
    // Three times the requested rate, plus headers.
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
  // Half the CPU of the default search; for music with speech also 2 dB closer to the original at this rate.
  ...["-aac_coder", "fast"],
  // No benefit at this rate: they take 7 % of the CPU, and add noise that depends on the decoder's state.
  ...["-aac_pns", "0", "-aac_tns", "0"],
  // No encoder version in the packets: the same sound gives the same bytes.
  ...["-flags:a", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1", "-f", "adts"],
];
