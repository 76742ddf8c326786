import { PACKET_SAMPLES } from "../sound/adts.js";
import type { Chunk } from "./interleave.js";
import { type Layout, soundTrack } from "./layout.js";
import { movieHeader } from "./movie.js";
import { packetTable, payloadBytes, positionOf } from "./packet-table.js";
import type { SoundPart } from "./parts.js";

/**
 * The M4A of a sound: its own header, and the unchanged packets. Its edit list skips the encoder's priming samples, and
 * ends with the last sample. `tags` as in a video; `title` is the one that players show. `packetSamples`: samples per
 * packet, which may differ in AAC from other encoders.
 */
export function layOutSound(
  sound: SoundPart,
  tags: Readonly<Record<string, string>> = {},
  packetSamples = PACKET_SAMPLES,
): Layout {
  const { sampleRate } = sound.index;
  const table = packetTable(sound.index);
  const end = payloadBytes(table);
  const chunks: Chunk[] = [];
  // Chunks of about a second, as in a video.
  const chunkPackets = Math.ceil(sampleRate / packetSamples);
  for (let packet = 0; packet < table.packets; packet += chunkPackets) {
    const next = Math.min(packet + chunkPackets, table.packets);
    const sizeBytes = positionOf(table, next) - positionOf(table, packet);
    chunks.push({ track: "audio", packets: next - packet, sizeBytes });
  }
  const tracks = [{ id: 1, ...soundTrack(sound, chunks, sampleRate, packetSamples) }];
  const header = movieHeader({ timescale: sampleRate, tracks, chunks, tags, brand: "m4a" });
  const segments = [{ kind: "sound" as const, hash: sound.hash, start: 0, end }];
  return { header, segments, sizeBytes: header.length + end };
}
