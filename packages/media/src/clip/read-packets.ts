import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { EncodedPacketSink, FilePathSource, Input, MP4 } from "mediabunny";
import type { EncodedPacket } from "./clip-index.js";

/**
 * Copies the video packets of an MP4 file, in decoding order and back to back, into another file. Gives what the index needs
 * to know of them, and the AVCDecoderConfigurationRecord.
 */
export async function readPackets(
  mp4Path: string,
  payloadPath: string,
  signal: AbortSignal,
): Promise<{ packets: EncodedPacket[]; decoderConfig: Uint8Array }> {
  using input = new Input({ source: new FilePathSource(mp4Path), formats: [MP4] });
  const track = await input.getPrimaryVideoTrack();
  const description = (await track?.getDecoderConfig())?.description;
  if (!track || !description) return { packets: [], decoderConfig: new Uint8Array() };
  const packets: EncodedPacket[] = [];
  const payload = createWriteStream(payloadPath, { signal });
  try {
    for await (const { data, timestamp, type } of new EncodedPacketSink(track).packets()) {
      packets.push({ sizeBytes: data.length, presentationSeconds: timestamp, keyFrame: type === "key" });
      if (!payload.write(data)) await once(payload, "drain", { signal });
    }
    payload.end();
    await finished(payload);
  } catch (error) {
    payload.destroy();
    if (signal.aborted) throw new PolyreelError("cancelled", "It was cancelled.", { cause: error });
    throw error;
  }
  return { packets, decoderConfig: bytesOf(description) };
}

const bytesOf = (buffer: ArrayBuffer | ArrayBufferView | SharedArrayBuffer): Uint8Array =>
  ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).slice()
    : new Uint8Array(buffer).slice();
