import { randomUUID } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type SoundIndex, SoundIndexSchema, type Transcode } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { readSoundPackets } from "../../clip/read-packets.js";
import { mediaFault } from "../../ffmpeg/media-fault.js";
import { runFfmpeg } from "../../ffmpeg/run.js";
import { OPUS_PACKET_SAMPLES } from "../../join/webm/layout-webm.js";
import type { MediaFile } from "../../operations/media-file.js";
import { soundTrack as trackOf } from "../../probe/require.js";
import { AAC_DELAY } from "../../sound/aac.js";
import { PACKET_SAMPLES } from "../../sound/adts.js";
import { SAMPLE_RATE } from "../../sound/pcm.js";
import { audioOptions } from "../audio-options.js";
import { formatOf } from "../formats.js";
import { measuredLoudness } from "../measured-loudness.js";
import { soundByPcm } from "../sound-input.js";
import type { MadeRendition, RenditionWork } from "../transcode.js";
import { soundEncode } from "../transcode-plan.js";

/**
 * Encodes a soundtrack with other settings as a track: the packets that decode to exactly `samples`. `source`: the
 * soundtrack as a file. `settings`: as `soundSettings` returns them. Throws PolyreelError `invalid` with the setting as
 * field, `internal` if the result is not as asked for.
 */
export async function soundTrack(
  source: MediaFile,
  settings: Transcode,
  samples: number,
  { tempDir, signal, onProgress }: RenditionWork,
): Promise<MadeRendition> {
  const format = formatOf(settings.container);
  const track = trackOf(source.probe, 0);
  const encode = soundEncode(settings, format, Math.min(settings.channels || 2, track.channels));
  const { loudnessLufs } = settings;
  const folder = await mkdtemp(join(tempDir, "sound-"));
  const payloadPath = join(tempDir, `${randomUUID()}.track`);
  try {
    const file = join(folder, `made.${format.name}`);
    const work = { folder, signal };
    const from = { input: 0, zeroAt: "audio" as const };
    const sound = await soundByPcm(source, { track, encode }, { startSeconds: 0 }, loudnessLufs, work, from);
    const seconds = samples / SAMPLE_RATE;
    await runFfmpeg({
      inputs: [sound.input],
      filterComplex: `${sound.filters};[a]apad=whole_len=${samples},atrim=end_sample=${samples}[exact]`,
      filterThreads: 1,
      outputs: [{ file, options: ["-map", "[exact]", ...audioOptions(encode), ...NO_DATES, "-f", format.muxer] }],
      signal,
      deadlineSeconds: START_SECONDS + seconds,
      // Three times the rate, plus headers.
      maxOutputBytes: Math.ceil(seconds * ((encode.kbps * 1000) / 8) * 3) + 65_536,
      onProgress: (outTime) => onProgress?.(Math.min(0.99, outTime / Math.max(seconds, 0.1))),
    });
    const index = await takenApart(file, payloadPath, { ...encode, samples }, signal);
    const levels = loudnessLufs === 0 ? {} : await measuredLoudness(file, loudnessLufs, { signal, tempDir: folder });
    const { codec, channels } = encode;
    const audio = { codec, channels, sampleRate: SAMPLE_RATE, durationSeconds: seconds, copied: false, ...levels };
    return {
      payloadPath,
      index: { format: format.name, durationSeconds: seconds, audio, track: { case: "sound", value: index } },
    };
  } catch (error) {
    await rm(payloadPath, { force: true });
    throw mediaFault(error, UNUSABLE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** No dates, no program names: the same recipe gives the same bytes. */
const NO_DATES = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"];
const START_SECONDS = 600;
const UNUSABLE = {
  reason: "ffmpeg cannot process the soundtrack.",
  remedy: "Submit the batch again. The service's log has what ffmpeg reported.",
};

interface Encoded {
  readonly codec: "aac" | "opus";
  readonly channels: number;
  readonly samples: number;
}

/** Copies the packets that the samples need into a file, and describes them. */
async function takenApart(
  file: string,
  payloadPath: string,
  { codec, channels, samples }: Encoded,
  signal: AbortSignal,
): Promise<SoundIndex> {
  await using payload = await open(payloadPath, "wx");
  const { packets, decoderConfig } = await readSoundPackets(file, payload, signal);
  const delay = codec === "aac" ? AAC_DELAY : preSkipOf(decoderConfig);
  const needed = Math.ceil((delay + samples) / (codec === "aac" ? PACKET_SAMPLES : OPUS_PACKET_SAMPLES));
  // Encoders may end with a packet of nothing but padding.
  const sizes = packets.slice(0, needed).map(({ sizeBytes }) => sizeBytes);
  if (sizes.length < needed) {
    throw new PolyreelError("internal", `A soundtrack became ${sizes.length} ${codec} packets instead of ${needed}.`);
  }
  await payload.truncate(sizes.reduce((sum, size) => sum + size, 0));
  return create(SoundIndexSchema, {
    ...{ sampleRate: SAMPLE_RATE, channels, decoderConfig, sizes, delay, samples: BigInt(samples) },
  });
}

/** Samples before the first audible one, of an OpusHead (RFC 7845, section 5.1). */
function preSkipOf(head: Uint8Array): number {
  const bytes = Buffer.from(head);
  if (bytes.length < 19 || bytes.toString("latin1", 0, 8) !== "OpusHead") {
    throw new PolyreelError("internal", "The encoder wrote no OpusHead.");
  }
  return bytes.readUInt16LE(10);
}
