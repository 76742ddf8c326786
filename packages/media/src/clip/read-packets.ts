import { type FileHandle, open } from "node:fs/promises";
import { cancelled } from "@polyreel/platform/process";
import type { EncodedPacketSink, EncodedPacket as Packet } from "mediabunny";
import type { EncodedPacket } from "./clip-index.js";

/** An audio packet. */
export interface SoundPacket {
  readonly sizeBytes: number;
  readonly seconds: number;
}

/** Loads the demuxer. It is large: what encodes nothing starts without it. */
export const loadDemuxer = () => import("mediabunny");

/** Combines many packets into one write. */
const BUFFERED_BYTES = 256 << 10;

/**
 * Copies the video packets of an MP4 or WebM file, in decoding order and back to back, into a new file. Returns the
 * packets' metadata for the index, and the decoder's configuration: of H.264 an AVCDecoderConfigurationRecord, of VP9 none.
 * Throws PolyreelError `cancelled`, or the file system's error.
 */
export async function readPackets(
  path: string,
  payloadPath: string,
  signal: AbortSignal,
): Promise<{ packets: EncodedPacket[]; decoderConfig: Uint8Array }> {
  const { EncodedPacketSink, FilePathSource, Input, MP4, WEBM } = await loadDemuxer();
  using input = new Input({ source: new FilePathSource(path), formats: [MP4, WEBM] });
  const track = await input.getPrimaryVideoTrack();
  if (!track) return { packets: [], decoderConfig: new Uint8Array() };
  const description = (await track.getDecoderConfig())?.description;
  if (signal.aborted) throw cancelled(signal);
  // A file handle, not a stream: a stream may emit an error while nothing listens, and create its file after it was
  // removed.
  await using payload = await open(payloadPath, "wx");
  const packets = await copyPackets(new EncodedPacketSink(track), payload, signal, ({ data, timestamp, type }) => ({
    sizeBytes: data.length,
    presentationSeconds: timestamp,
    keyFrame: type === "key",
  }));
  return { packets, decoderConfig: description ? bytesOf(description) : new Uint8Array() };
}

/**
 * The same for the audio, with its AudioSpecificConfig, or of Opus its OpusHead; the packets are appended to an open file.
 */
export async function readSoundPackets(
  path: string,
  payload: FileHandle,
  signal: AbortSignal,
): Promise<{ packets: SoundPacket[]; decoderConfig: Uint8Array }> {
  const { EncodedPacketSink, FilePathSource, Input, MP4, WEBM } = await loadDemuxer();
  using input = new Input({ source: new FilePathSource(path), formats: [MP4, WEBM] });
  const track = await input.getPrimaryAudioTrack();
  const description = (await track?.getDecoderConfig())?.description;
  if (!track || !description) return { packets: [], decoderConfig: new Uint8Array() };
  const packets = await copyPackets(new EncodedPacketSink(track), payload, signal, ({ data, duration }) => ({
    sizeBytes: data.length,
    seconds: duration,
  }));
  return { packets, decoderConfig: bytesOf(description) };
}

async function copyPackets<T>(
  source: EncodedPacketSink,
  target: FileHandle,
  signal: AbortSignal,
  described: (packet: Packet) => T,
): Promise<T[]> {
  const packets: T[] = [];
  let buffered: Uint8Array[] = [];
  let bufferedBytes = 0;
  const flush = async () => {
    await target.writeFile(Buffer.concat(buffered));
    buffered = [];
    bufferedBytes = 0;
  };
  for await (const packet of source.packets()) {
    if (signal.aborted) throw cancelled(signal);
    const { data } = packet;
    packets.push(described(packet));
    buffered.push(data);
    bufferedBytes += data.length;
    if (bufferedBytes >= BUFFERED_BYTES) await flush();
  }
  await flush();
  return packets;
}

const bytesOf = (buffer: ArrayBuffer | ArrayBufferView | SharedArrayBuffer): Uint8Array =>
  ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).slice()
    : new Uint8Array(buffer).slice();
