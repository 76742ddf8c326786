import { readFile } from "node:fs/promises";
import { runFfmpeg } from "../ffmpeg/run.js";
import { type AacPackets, PACKET_SAMPLES, parseAdts } from "./adts.js";
import { CHANNELS, PCM_FORMAT, SAMPLE_RATE } from "./pcm.js";

/** Samples that the decoder gives before the first one that was encoded (ffmpeg's native encoder, AAC-LC). */
export const AAC_DELAY = 1024;
const BITS_PER_SECOND = 160_000;

/** How many packets it takes until `samples` are decoded. */
export const packetCount = (samples: number): number => Math.ceil((AAC_DELAY + samples) / PACKET_SAMPLES);

/**
 * Encodes PCM, `samples` long, to exactly the packets that decode to it. The ADTS stream stays at `adtsPath`.
 *
 * @param onProgress seconds encoded
 */
export async function encodeAac(
  pcm: AsyncIterable<Uint8Array>,
  samples: number,
  adtsPath: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: ((seconds: number) => void) | undefined },
): Promise<AacPackets> {
  const seconds = samples / SAMPLE_RATE;
  await runFfmpeg({
    inputs: [{ stdin: true, options: PCM_FORMAT }],
    outputs: [
      {
        file: adtsPath,
        options: [
          ...["-map", "0:a", "-c:a", "aac", "-b:a", String(BITS_PER_SECOND), "-ac", String(CHANNELS)],
          // Half the CPU of the default search; on music with speech also 2 dB nearer to the original at this rate.
          ...["-aac_coder", "fast"],
          // No name of the encoder's build in the packets: the same sound gives the same bytes.
          ...["-flags:a", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1", "-f", "adts"],
        ],
      },
    ],
    stdin: pcm,
    // Three times the rate asked for, and room for headers.
    maxOutputBytes: Math.ceil(seconds * (BITS_PER_SECOND / 8) * 3) + 65_536,
    signal,
    deadlineSeconds: 60 + seconds,
    ...(onProgress && { onProgress }),
  });
  const { packets, decoderConfig } = parseAdts(await readFile(adtsPath));
  return { packets: packets.slice(0, packetCount(samples)), decoderConfig };
}
