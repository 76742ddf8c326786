import { PolyreelError } from "@polyreel/platform";

/** Samples per AAC packet. */
export const PACKET_SAMPLES = 1024;

/** AAC packets. */
export interface AacPackets {
  /** Without their ADTS headers. */
  readonly packets: readonly Uint8Array[];
  /** The same with headers, for a decoder. */
  readonly stream: Uint8Array;
  /** AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1): object type, sampling frequency index, channels. */
  readonly decoderConfig: Uint8Array;
}

/**
 * Splits an ADTS stream (ISO/IEC 14496-3, annex 1.A.2), up to `most` packets. Throws PolyreelError `internal` if it is
 * invalid.
 */
export function parseAdts(stream: Uint8Array, maxPackets = Number.POSITIVE_INFINITY): AacPackets {
  const packets: Uint8Array[] = [];
  let decoderConfig: Uint8Array | undefined;
  let at = 0;
  while (at < stream.length && packets.length < maxPackets) {
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0] = stream.subarray(at, at + 7);
    const headerBytes = b1 & 1 ? 7 : 9;
    const frameBytes = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
    const sync = b0 === 0xff && (b1 & 0xf6) === 0xf0;
    const oneBlock = (b6 & 3) === 0;
    if (!sync || !oneBlock || frameBytes <= headerBytes || at + frameBytes > stream.length) {
      throw new PolyreelError("internal", `The encoder wrote no ADTS frame at byte ${at}.`);
    }
    const objectType = (b2 >> 6) + 1;
    const frequencyIndex = (b2 >> 2) & 15;
    const channels = ((b2 & 1) << 2) | (b3 >> 6);
    decoderConfig ??= Uint8Array.of(
      (objectType << 3) | (frequencyIndex >> 1),
      ((frequencyIndex & 1) << 7) | (channels << 3),
    );
    packets.push(stream.subarray(at + headerBytes, at + frameBytes));
    at += frameBytes;
  }
  if (!decoderConfig) throw new PolyreelError("internal", "The encoder wrote no packet.");
  return { packets, stream: stream.subarray(0, at), decoderConfig };
}
