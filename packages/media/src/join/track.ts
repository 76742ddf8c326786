import { type Box, box, fourcc, fullBox, u16, u32, u32s, u64, zeros } from "./boxes.js";

/** A track to be written. Times are in the track's timescale, except `movieDuration`. */
export interface Track {
  id: number;
  kind: "video" | "audio";
  /** In pixels; 0 for audio. */
  width: number;
  height: number;
  timescale: number;
  /** Content of `stsd`. */
  description: Box;
  /** Number of samples, and the duration of each. */
  durations: { count: number; each: number };
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

export const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** Language "und", three letters of 5 bits. */
const UNDETERMINED = 0x55c4;

/** A `trak` box; `chunkPositions` are positions in the file, as encoded in the box. */
export function trackBox(track: Track, chunkPositions: Buffer, widths: Widths): Box {
  const { version, time } = timeFields(widths);
  const { count, each } = track.durations;
  const isSound = track.kind === "audio";
  return box(
    "trak",
    fullBox(
      "tkhd",
      version,
      3, // Enabled, and part of the presentation.
      time(0, 0),
      u32(track.id, 0),
      time(track.movieDuration),
      zeros(8),
      u16(0, 0, isSound ? 0x100 : 0, 0), // Layer, alternate group, volume.
      MATRIX,
      u32(track.width * 0x10000, track.height * 0x10000),
    ),
    // Synchronises audio and video: each is presented from its `mediaTime` on.
    box("edts", fullBox("elst", version, 0, u32(1), time(track.movieDuration, track.mediaTime), u32(0x10000))),
    box(
      "mdia",
      fullBox("mdhd", version, 0, time(0, 0), u32(track.timescale), time(count * each), u16(UNDETERMINED, 0)),
      fullBox("hdlr", 0, 0, zeros(4), fourcc(isSound ? "soun" : "vide"), zeros(12), zeros(1)),
      box(
        "minf",
        isSound ? fullBox("smhd", 0, 0, zeros(4)) : fullBox("vmhd", 0, 1, zeros(8)),
        box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1))), // The samples are in this file.
        sampleTableBox(track, chunkPositions, widths),
      ),
    ),
  );
}

/** Version of the boxes that contain times, and the encoding of a time in them. */
export const timeFields = ({ times }: Widths): { version: 0 | 1; time: (...values: number[]) => Buffer } =>
  times === 64 ? { version: 1, time: u64 } : { version: 0, time: u32 };

/** `stbl` (ISO/IEC 14496-12, section 8.5). */
function sampleTableBox(track: Track, chunkPositions: Buffer, { positions }: Widths): Box {
  const { compositionOffsets, keyFrames, durations, sizes } = track;
  const chunkRuns = samplesToChunks(track.chunkSamples);
  return box(
    "stbl",
    track.description,
    fullBox("stts", 0, 0, u32(1, durations.count, durations.each)),
    ...(compositionOffsets ? [fullBox("ctts", 0, 0, u32(compositionOffsets.length / 8), compositionOffsets)] : []),
    ...(keyFrames ? [fullBox("stss", 0, 0, u32(keyFrames.length), u32s(keyFrames.map((frame) => frame + 1)))] : []),
    fullBox("stsc", 0, 0, u32(chunkRuns.length / 3), u32s(chunkRuns)),
    fullBox("stsz", 0, 0, u32(0, durations.count), sizes),
    positions === 64
      ? fullBox("co64", 0, 0, u32(chunkPositions.length / 8), chunkPositions)
      : fullBox("stco", 0, 0, u32(chunkPositions.length / 4), chunkPositions),
    ...(track.kind === "audio" ? preRoll(durations.count) : []),
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
