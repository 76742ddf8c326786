import { randomUUID } from "node:crypto";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Audio, AudioFormat } from "@polyreel/contract";
import type { FfmpegCommandLine } from "../ffmpeg/arguments.js";
import { mediaFault } from "../ffmpeg/media-fault.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import type { MediaFile } from "../operations/media-file.js";
import type { AudioProbe, Probe } from "../probe/parse.js";
import { probe } from "../probe/probe.js";
import { soundTrack } from "../probe/require.js";
import { assertRate } from "./audio-options.js";
import { decodedSeconds } from "./decoded-seconds.js";
import { assertNoDifferences } from "./differences.js";
import { assertMasterable } from "./master-pcm.js";
import { measuredLoudness } from "./measured-loudness.js";
import { beginsFormat, copiedSound, decodedSound, soundByPcm } from "./sound-input.js";
import type { MadeRendition, RenditionWork } from "./transcode.js";

interface SoundFormat {
  readonly name: "m4a" | "mp3" | "opus" | "wav" | "flac";
  readonly muxer: string;
  /** As ffmpeg names it in a file. */
  readonly codec: string;
  readonly encoder: readonly string[];
  /** For stereo; undefined: it has no rate. */
  readonly kbps?: number;
}

const M4A: SoundFormat = { name: "m4a", muxer: "ipod", codec: "aac", encoder: ["aac"], kbps: 128 };
const FORMATS: { readonly [F in AudioFormat]: SoundFormat } = {
  [AudioFormat.UNSPECIFIED]: M4A,
  [AudioFormat.M4A]: M4A,
  [AudioFormat.MP3]: { name: "mp3", muxer: "mp3", codec: "mp3", encoder: ["libmp3lame"], kbps: 192 },
  // vbr: the rate is an average, and silence takes none of it.
  [AudioFormat.OPUS]: { name: "opus", muxer: "ogg", codec: "opus", encoder: ["libopus", "-vbr", "on"], kbps: 96 },
  [AudioFormat.WAV]: { name: "wav", muxer: "wav", codec: "pcm_s16le", encoder: ["pcm_s16le"] },
  [AudioFormat.FLAC]: { name: "flac", muxer: "flac", codec: "flac", encoder: ["flac", "-sample_fmt", "s16"] },
};

/** What an audio file is made of. */
export interface AudioPlan {
  readonly format: SoundFormat;
  readonly track: AudioProbe;
  /** Undefined: the packets are copied. */
  readonly encode?: { readonly codec: string; readonly channels: number; readonly kbps: number };
}

/** A rate that is a little higher than asked for is not worth an encode. */
const RATE_TOLERANCE = 1.1;

/** Decides whether a track is copied; pure. Throws PolyreelError `invalid` if there is no sound, or no such track. */
export function planAudio(
  { format: asked, kbps, channels: wanted, loudnessLufs }: Audio,
  source: Probe,
  { track: number }: { track: number },
): AudioPlan {
  const format = FORMATS[asked];
  const track = soundTrack(source, number);
  assertMasterable(loudnessLufs, track, source);
  const channels = Math.max(1, Math.min(wanted || 2, track.channels, 2));
  const isCheap = kbps === 0 || (track.kbps ?? Number.POSITIVE_INFINITY) <= kbps * RATE_TOLERANCE;
  const isAsAsked = wanted === 0 || track.channels === channels;
  if (track.codec === format.codec && isCheap && isAsAsked && loudnessLufs === 0 && !source.restarts)
    return { format, track };
  const rate = kbps || (format.kbps ?? 0) * (channels / 2);
  assertRate("kbps", format.codec, rate, channels);
  return { format, track, encode: { codec: format.codec, channels, kbps: rate } };
}

/** Packets of sound are padded to whole ones. */
const TOLERANCE_SECONDS = 0.15;

/** The sound of a file alone. Throws like `planAudio`, and `internal` if the result is not as asked for. */
export async function audioFile(
  source: MediaFile,
  settings: Audio,
  { track: number, ...work }: RenditionWork & { track: number },
): Promise<MadeRendition> {
  const { signal, tempDir } = work;
  const plan = planAudio(settings, source.probe, { track: number });
  const folder = await mkdtemp(join(tempDir, "audio-"));
  try {
    const made = join(folder, `made.${plan.format.name}`);
    await make(source, settings, plan, made, { ...work, tempDir: folder });
    const index = await certified(made, settings, plan, { signal, tempDir: folder });
    const payloadPath = join(tempDir, `${randomUUID()}.${plan.format.name}`);
    await rename(made, payloadPath);
    return { payloadPath, index };
  } catch (error) {
    throw mediaFault(error, UNUSABLE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const UNUSABLE = {
  reason: "ffmpeg cannot process the file's sound.",
  remedy: "Check that it plays. The service's log has what ffmpeg reported.",
};

async function make(
  source: MediaFile,
  { loudnessLufs }: Audio,
  plan: AudioPlan,
  path: string,
  { signal, tempDir, onProgress }: RenditionWork,
): Promise<void> {
  const { track, encode, format } = plan;
  const seconds = Math.max(track.durationSeconds, 0.1);
  let formats = 0;
  const run = ({
    input,
    filters,
    map,
  }: {
    input: FfmpegCommandLine["inputs"][number];
    filters?: string;
    map: string;
  }) =>
    runFfmpeg({
      inputs: [input],
      ...(filters && { filterComplex: filters }),
      outputs: [
        { file: path, options: ["-map", map, ...optionsOf(plan), "-t", String(seconds + 1), "-f", format.muxer] },
      ],
      signal,
      deadlineSeconds: START_SECONDS + seconds / SLOWEST_SECONDS_A_SECOND,
      maxOutputBytes: Math.ceil(MAX_BYTES_A_SECOND * (seconds + 1)) + (1 << 20),
      onMessage: (line) => {
        if (beginsFormat(line)) formats++;
      },
      onProgress: (outTime) => onProgress?.(Math.min(0.99, outTime / seconds)),
    });
  const zero = track.startSeconds;
  const whole = { startSeconds: 0 };
  if (!encode) {
    await run(copiedSound(source, { track }, zero, 0));
    return;
  }
  const planned = { track, encode };
  const byPcm = () =>
    soundByPcm(source, planned, whole, loudnessLufs, { folder: tempDir, signal }, { input: 0, zeroAt: "audio" });
  if (loudnessLufs !== 0 || source.probe.restarts) {
    await run(await byPcm());
    return;
  }
  await run(decodedSound(source, planned, zero, whole, 0));
  if (formats > 1) await run(await byPcm());
}

function optionsOf({ format, encode, track: { language } }: AudioPlan): string[] {
  const rate = encode && encode.kbps > 0 ? ["-b:a", `${Math.round(encode.kbps)}k`] : [];
  const spoken = language && /^[a-z]{3}$/.test(language) ? ["-metadata:s:a:0", `language=${language}`] : [];
  return [
    ...(encode ? ["-c:a", ...format.encoder, ...rate, "-ac", String(encode.channels)] : ["-c:a", "copy"]),
    ...["-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", ...spoken],
    // No dates, no program names: the same recipe gives the same bytes.
    ...["-fflags", "+bitexact", "-flags:a", "+bitexact"],
    // The index in front, so that the file plays while it loads.
    ...(format.muxer === "ipod" ? ["-movflags", "+faststart"] : []),
  ];
}

const START_SECONDS = 600;
const SLOWEST_SECONDS_A_SECOND = 2;
/** 48 kHz, two channels, 32 bits. */
const MAX_BYTES_A_SECOND = 400_000;

async function certified(
  path: string,
  { loudnessLufs }: Audio,
  { format, track, encode }: AudioPlan,
  work: { signal: AbortSignal; tempDir: string },
): Promise<MadeRendition["index"]> {
  const { audio, durationSeconds } = await probe(path, work);
  const expected = track.exactSeconds ?? track.durationSeconds;
  const kinds = [
    ...(!audio || audio.codec === format.codec ? [] : [`${audio.codec} instead of ${format.codec}`]),
    ...(encode && audio && audio.channels !== encode.channels
      ? [`${audio.channels} channels instead of ${encode.channels}`]
      : []),
  ];
  const isWhole = audio && Math.abs(durationSeconds - expected) <= TOLERANCE_SECONDS;
  // Copied frames have rates and lengths of their own, which a damaged file's header and timestamps may contradict.
  const isDoubtful = isWhole && !encode && (format.codec === "flac" || format.codec === "mp3");
  const decoded = isDoubtful ? await decodedSeconds(path, expected + 1, work.signal) : expected;
  const lengths = [
    ...(isWhole ? [] : [`${durationSeconds.toFixed(2)} s instead of ${expected.toFixed(2)} s`]),
    ...(Math.abs(decoded - expected) <= TOLERANCE_SECONDS
      ? []
      : [`${decoded.toFixed(2)} s of sound that decodes instead of ${expected.toFixed(2)} s`]),
  ];
  assertNoDifferences({ kinds, lengths });
  if (!audio) return {};
  const levels = loudnessLufs === 0 ? {} : await measuredLoudness(path, loudnessLufs, work);
  const { codec, channels, sampleRate } = audio;
  return {
    ...{ format: format.name, durationSeconds, encodedMegapixels: 0 },
    audio: { codec, channels, sampleRate, durationSeconds: audio.durationSeconds, copied: !encode, ...levels },
  };
}
