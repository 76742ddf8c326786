import type { ClipIndex, SoundIndex } from "@polyreel/contract";
import { type Box, box, fourcc, fullBox, MAX_U32, u16, u32, zeros } from "./boxes.js";
import { packetTable, payloadBytes, positionOf } from "./packet-table.js";
import type { MovieCodec } from "./parts.js";

const DATA_REFERENCE = u16(1);

/** Types of the sample entry, without parameter sets in the packets, and of the decoder's configuration. */
const TYPES: { readonly [C in MovieCodec]: readonly [entry: string, configuration: string] } = {
  h264: ["avc1", "avcC"],
  // Apple's players refuse hev1.
  hevc: ["hvc1", "hvcC"],
};

/**
 * `stsd` of H.264 or HEVC (ISO/IEC 14496-15, sections 5.4 and 8.4): the one description shared by all clips of a canvas.
 */
export function videoDescription({ width, height, decoderConfig }: ClipIndex, codec: MovieCodec = "h264"): Box {
  const [type, configuration] = TYPES[codec];
  const entry = box(
    type,
    zeros(6),
    DATA_REFERENCE,
    zeros(16),
    u16(width, height),
    u32(0x480000, 0x480000), // 72 dpi, as the standard requires.
    zeros(4),
    u16(1), // Frames per sample.
    zeros(32), // Compressor name.
    u16(0x18, 0xffff), // Colour without alpha; no colour table.
    box(configuration, decoderConfig),
    // What every clip is converted to, and declares in its own parameters too: bt709, limited range.
    box("colr", fourcc("nclx"), u16(1, 1, 1), zeros(1)),
    box("pasp", u32(1, 1)),
  );
  return fullBox("stsd", 0, 0, u32(1), entry);
}

/** `stsd` of AAC (ISO/IEC 14496-14, section 5.6). */
export function soundDescription(index: SoundIndex, packetSamples: number): Box {
  const entry = box(
    "mp4a",
    zeros(6),
    DATA_REFERENCE,
    zeros(8),
    u16(index.channels, 16),
    zeros(4),
    u32(index.sampleRate < 0x10000 ? index.sampleRate * 0x10000 : 0), // Higher rates are in the descriptor alone.
    fullBox("esds", 0, 0, elementaryStreamDescriptor(index, packetSamples)),
  );
  return fullBox("stsd", 0, 0, u32(1), entry);
}

/** ES_Descriptor of AAC (ISO/IEC 14496-1, section 7.2.6). */
function elementaryStreamDescriptor(index: SoundIndex, packetSamples: number): Buffer {
  const { average, peak, largestPacket } = bitRates(index, packetSamples);
  const config = descriptor(
    4,
    Buffer.from([0x40, 0x15]), // MPEG-4 audio; an audio stream.
    u32(largestPacket).subarray(1),
    u32(peak, average),
    descriptor(5, index.decoderConfig),
  );
  return descriptor(3, u16(0), zeros(1), config, descriptor(6, Buffer.from([2])));
}

/** A descriptor of less than 128 bytes, with its size in one byte. */
function descriptor(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length > 127) throw new RangeError(`A descriptor of ${body.length} bytes needs a longer size.`);
  return Buffer.concat([Buffer.from([tag, body.length]), body]);
}

/** Bits per second, on average and in the busiest second, and bytes of the largest packet. */
function bitRates(index: SoundIndex, packetSamples: number): { average: number; peak: number; largestPacket: number } {
  const table = packetTable(index);
  const second = Math.ceil(index.sampleRate / packetSamples);
  const samples = Math.max(1, table.packets) * packetSamples;
  const average = Math.round((payloadBytes(table) * 8 * index.sampleRate) / samples);
  let peak = average;
  let largestPacket = 0;
  for (let i = 0; i < table.packets; i++) {
    largestPacket = Math.max(largestPacket, index.sizes[i] ?? 0);
    if (i + second <= table.packets) peak = Math.max(peak, (positionOf(table, i + second) - positionOf(table, i)) * 8);
  }
  return { average: Math.min(average, MAX_U32), peak: Math.min(peak, MAX_U32), largestPacket };
}
