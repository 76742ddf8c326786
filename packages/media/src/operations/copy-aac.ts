import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { SoundIndexSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { readSoundPackets } from "../clip/read-packets.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import { layOutSound } from "../join/layout-sound.js";
import type { AudioProbe } from "../probe/parse.js";
import { decodedSound, offsetIn } from "./decoded-sound.js";
import type { MediaFile, OperationWork } from "./media-file.js";

const DEADLINE_SECONDS = 3600;
/** A day of the largest AAC packets in stereo at 48 kHz. */
const MAX_BYTES = 24 * 3600 * 2 * 48_000;
/** Samples per AAC packet: 1024 usually, 960 for radio; twice as many with spectral band replication. */
const PACKET_SAMPLES = [960, 1024, 1920, 2048];
/** Tolerance for lengths in seconds: two of the longest packets, and the rounding of container timestamps. */
const tolerance = (sampleRate: number): number => 4096 / sampleRate + 0.04;

/**
 * Copies the packets of an AAC track into an M4A that begins with its first sample; returns the audible samples.
 * Returns undefined, without a file, if the copy would sound different, which is checked by decoding both: timestamps
 * that restart or leave gaps, a format that changes midway, or packets that cannot be decoded. Throws PolyreelError
 * `cancelled`, `exhausted`, or `unavailable`.
 */
export async function copyAac(
  source: MediaFile,
  track: AudioProbe,
  m4aPath: string,
  { signal, tempDir }: OperationWork,
): Promise<{ samples: number } | undefined> {
  const { sampleRate, durationSeconds } = track;
  if (source.probe.restarts || !(sampleRate > 0)) return undefined;
  const copyPath = join(tempDir, `${randomUUID()}.copy.m4a`);
  const payloadPath = join(tempDir, `${randomUUID()}.packets`);
  let samples: number | undefined;
  try {
    const own = await decodedSound(source.path, track.track ?? 0, signal);
    if (own.formats > 1 || Math.abs(own.samples / sampleRate - durationSeconds) > tolerance(sampleRate))
      return undefined;
    await copyTrack(source.path, track, copyPath, signal);
    const audible = Math.min(own.samples, Math.round((track.exactSeconds ?? Number.POSITIVE_INFINITY) * sampleRate));
    await using m4a = await open(m4aPath, "wx");
    const header = await writePackets(m4a, { copyPath, payloadPath }, track, signal);
    // Containers state the encoder's delay in different ways, or not at all, so it is measured.
    const delay = offsetIn(await decodedSound(m4aPath, 0, signal), own);
    if (delay === undefined) return undefined;
    await m4a.write(header(delay, audible), 0, undefined, 0);
    samples = audible;
  } catch (error) {
    if (!(error instanceof PolyreelError) || (error.code !== "invalid" && error.code !== "internal")) throw error;
  } finally {
    await rm(copyPath, { force: true });
    await rm(payloadPath, { force: true });
    if (samples === undefined) await rm(m4aPath, { force: true });
  }
  return samples === undefined ? undefined : { samples };
}

/** Remuxed first: some properties are in the container only for some formats, but always in this one. */
async function copyTrack(path: string, track: AudioProbe, m4aPath: string, signal: AbortSignal): Promise<void> {
  const options = ["-map", `0:a:${track.track ?? 0}`, "-c:a", "copy", "-map_metadata", "-1", "-map_chapters", "-1"];
  await runFfmpeg({
    inputs: [{ media: path, options: ["-vn", "-sn", "-dn"] }],
    outputs: [{ file: m4aPath, options: [...options, "-f", "ipod"] }],
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
    maxOutputBytes: MAX_BYTES,
  });
}

/**
 * Writes the packets behind our own header, which makes all of them audible: ffmpeg's contains the source's timestamps,
 * which may be rounded. Returns a function that makes headers of the same length.
 */
async function writePackets(
  m4a: FileHandle,
  { copyPath, payloadPath }: { copyPath: string; payloadPath: string },
  { sampleRate, channels }: AudioProbe,
  signal: AbortSignal,
): Promise<(delay: number, samples: number) => Buffer> {
  await using payload = await open(payloadPath, "wx+");
  const { packets, decoderConfig } = await readSoundPackets(copyPath, payload, signal);
  const sizes = packets.map(({ sizeBytes }) => sizeBytes);
  const packetSamples = packetSamplesOf(packets, sampleRate);
  const header = (delay: number, samples: number) => {
    const described = { sampleRate, channels, decoderConfig, sizes, delay, samples: BigInt(samples) };
    return layOutSound({ hash: "", index: create(SoundIndexSchema, described) }, {}, packetSamples).header;
  };
  await m4a.writeFile(header(0, packets.length * packetSamples));
  for await (const chunk of payload.createReadStream({ start: 0, autoClose: false, signal }))
    await m4a.writeFile(chunk);
  return header;
}

/** Most packets have the nominal duration, except those that a container rounds. */
function packetSamplesOf(packets: readonly { seconds: number }[], sampleRate: number): number {
  const lengths = packets.map(({ seconds }) => seconds * sampleRate).sort((a, b) => a - b);
  const middle = lengths[lengths.length >> 1] ?? 0;
  const off = (samples: number) => Math.abs(samples - middle);
  return PACKET_SAMPLES.toSorted((a, b) => off(a) - off(b))[0] ?? 1024;
}
