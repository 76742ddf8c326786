import { type Box, box, fourcc, fullBox, u16, u32, u32s, u64, zeros } from "./boxes.js";
import type { TrackKey } from "./interleave.js";
import { packedLanguage } from "./language.js";

/** A track to be written. Times are in the track's timescale, except `movieDuration`. */
export interface Track {
  id: number;
  key: TrackKey;
  kind: "video" | "audio" | "text";
  /** In pixels; 0 for audio. */
  width: number;
  height: number;
  /** Distance of a text's box from the top of the video, in pixels. */
  top?: number;
  /** BCP 47; empty: unknown. */
  language?: string;
  /** Shown by players to choose between texts. */
  name?: string;
  timescale: number;
  /** Content of `stsd`. */
  description: Box;
  /** Durations of the samples: count and duration of each run of equal ones, flat. */
  durations: readonly number[];
  /** `ctts` entries; omitted if samples are presented in decoding order. */
  compositionOffsets?: Buffer;
  /** Positions of key frames from 0; omitted if every sample is one. */
  keyFrames?: number[];
  /** The sizes of all samples as 32-bit integers. */
  sizes: Buffer;
  /** Number of samples per chunk. */
  chunkSamples: number[];
  /** Start of the presentation; earlier samples are decoded but not shown (reordering, encoder delay). */
  mediaTime: number;
  /** Duration of the presentation, in the movie's timescale. */
  movieDuration: number;
}

/** Widths of fields: 64 bits for times and chunk positions only if needed, because few old players read them. */
export interface Widths {
  times: 32 | 64;
  positions: 32 | 64;
}

/** The handler of a kind of media, and its header. */
const MEDIA: { readonly [K in Track["kind"]]: readonly [handler: string, header: Box] } = {
  video: ["vide", fullBox("vmhd", 0, 1, zeros(8))],
  audio: ["soun", fullBox("smhd", 0, 0, zeros(4))],
  // Subtitles: Apple's players do not offer tracks of the handler "text".
  text: ["sbtl", fullBox("nmhd", 0, 0)],
};

const ENABLED = 1;
const IN_MOVIE = 2;

/** Of which players show one track at a time; 0: none. */
const ALTERNATES: { readonly [K in Track["kind"]]: number } = { video: 0, audio: 0, text: 2 };
/** In front of the video: lower layers are nearer. */
const LAYERS: { readonly [K in Track["kind"]]: number } = { video: 0, audio: 0, text: 0xffff };

/** A `trak` box; `chunkPositions` are positions in the file, as encoded in the box. */
export function trackBox(track: Track, chunkPositions: Buffer, widths: Widths): Box {
  const { version, time } = timeFields(widths);
  const { kind, language = "", name = "" } = track;
  const [handler, mediaHeader] = MEDIA[kind];
  return box(
    "trak",
    fullBox(
      "tkhd",
      version,
      kind === "text" ? IN_MOVIE : ENABLED | IN_MOVIE, // Texts are off until they are selected.
      time(0, 0),
      u32(track.id, 0),
      time(track.movieDuration),
      zeros(8),
      u16(LAYERS[kind], ALTERNATES[kind], kind === "audio" ? 0x100 : 0, 0), // The third is the volume.
      matrixAt(track.top ?? 0),
      u32(track.width * 0x10000, track.height * 0x10000),
    ),
    // Synchronises audio and video: each is presented from its `mediaTime` on.
    box("edts", fullBox("elst", version, 0, u32(1), time(track.movieDuration, track.mediaTime), u32(0x10000))),
    box(
      "mdia",
      fullBox(
        "mdhd",
        version,
        0,
        time(0, 0),
        u32(track.timescale),
        time(ticksOf(track)),
        u16(packedLanguage(language), 0),
      ),
      // With its region or script, which the code of three letters leaves out.
      ...(language ? [fullBox("elng", 0, 0, Buffer.from(`${language}\0`))] : []),
      fullBox("hdlr", 0, 0, zeros(4), fourcc(handler), zeros(12), Buffer.from(`${name}\0`)),
      box(
        "minf",
        mediaHeader,
        box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1))), // The samples are in this file.
        sampleTableBox(track, chunkPositions, widths),
      ),
    ),
  );
}

/** The duration of all samples, in the track's timescale. */
export const ticksOf = ({ durations }: Track): number =>
  durations.reduce((sum, each, i) => (i % 2 === 1 ? sum + (durations[i - 1] ?? 0) * each : sum), 0);

/** The transformation of a picture that is only moved down, by a number of pixels. */
export const matrixAt = (top: number): Buffer => u32(0x10000, 0, 0, 0, 0x10000, 0, 0, top * 0x10000, 0x40000000);

/** Version of the boxes that contain times, and the encoding of a time in them. */
export const timeFields = ({ times }: Widths): { version: 0 | 1; time: (...values: number[]) => Buffer } =>
  times === 64 ? { version: 1, time: u64 } : { version: 0, time: u32 };

/** `stbl` (ISO/IEC 14496-12, section 8.5). */
function sampleTableBox(track: Track, chunkPositions: Buffer, { positions }: Widths): Box {
  const { compositionOffsets, keyFrames, durations, sizes } = track;
  const samples = sizes.length / 4;
  const chunkRuns = samplesToChunks(track.chunkSamples);
  return box(
    "stbl",
    track.description,
    fullBox("stts", 0, 0, u32(durations.length / 2), u32s(durations)),
    ...(compositionOffsets ? [fullBox("ctts", 0, 0, u32(compositionOffsets.length / 8), compositionOffsets)] : []),
    ...(keyFrames ? [fullBox("stss", 0, 0, u32(keyFrames.length), u32s(keyFrames.map((frame) => frame + 1)))] : []),
    fullBox("stsc", 0, 0, u32(chunkRuns.length / 3), u32s(chunkRuns)),
    fullBox("stsz", 0, 0, u32(0, samples), sizes),
    positions === 64
      ? fullBox("co64", 0, 0, u32(chunkPositions.length / 8), chunkPositions)
      : fullBox("stco", 0, 0, u32(chunkPositions.length / 4), chunkPositions),
    ...(track.kind === "audio" ? preRoll(samples) : []),
  );
}

/** `stsc` entries, flat: first chunk of a run (from 1), samples per chunk, sample description. */
function samplesToChunks(chunkSamples: readonly number[]): number[] {
  return chunkSamples.flatMap((samples, i) => (i > 0 && chunkSamples[i - 1] === samples ? [] : [i + 1, samples, 1]));
}

/** Declares for players that seek that an AAC packet decodes correctly only after its predecessor. */
function preRoll(samples: number): Box[] {
  return [
    fullBox("sgpd", 1, 0, fourcc("roll"), u32(2, 1), u16(0xffff)),
    fullBox("sbgp", 0, 0, fourcc("roll"), u32(1, samples, 1)),
  ];
}
