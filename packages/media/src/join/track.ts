import { type Box, box, fourcc, fullBox, u16, u32, u32s, u64, zeros } from "./boxes.js";

/** One track, ready to be written. Times are in the track's timescale but for `movieDuration`. */
export interface Track {
  id: number;
  kind: "video" | "audio";
  /** Pixels; 0 for sound. */
  width: number;
  height: number;
  timescale: number;
  /** What `stsd` says of the samples. */
  description: Box;
  /** How many samples there are, and how long each of them lasts. */
  durations: { count: number; each: number };
  /** `ctts` entries; none where samples are presented in the order of decoding. */
  compositionOffsets?: Buffer;
  /** Positions of key frames from 0; none where every sample is one. */
  keyFrames?: number[];
  /** The sizes of all samples as 32-bit integers. */
  sizes: Buffer;
  /** How many samples each chunk has. */
  chunkSamples: number[];
  /** Where presentation begins: what lies before is decoded, not shown (reordering, the encoder's delay). */
  mediaTime: number;
  /** How long it is presented, in the movie's timescale. */
  movieDuration: number;
}

/** How wide fields are: 64-bit times and chunk positions only where they are needed, as few old players read them. */
export interface Widths {
  times: 32 | 64;
  positions: 32 | 64;
}

export const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** Language "und", three letters of 5 bits. */
const UNDETERMINED = 0x55c4;

/** A `trak` box; `chunkPositions` are positions in the file, as the box holds them. */
export function trackBox(track: Track, chunkPositions: Buffer, widths: Widths): Box {
  const { version, time } = timeFields(widths);
  const { count, each } = track.durations;
  const isSound = track.kind === "audio";
  return box(
    "trak",
    fullBox(
      "tkhd",
      version,
      3, // enabled, and part of the presentation
      time(0, 0),
      u32(track.id, 0),
      time(track.movieDuration),
      zeros(8),
      u16(0, 0, isSound ? 0x100 : 0, 0), // layer, group of alternatives, volume
      MATRIX,
      u32(track.width * 0x10000, track.height * 0x10000),
    ),
    // What makes picture and sound begin together: each is presented from its `mediaTime` on.
    box("edts", fullBox("elst", version, 0, u32(1), time(track.movieDuration, track.mediaTime), u32(0x10000))),
    box(
      "mdia",
      fullBox("mdhd", version, 0, time(0, 0), u32(track.timescale), time(count * each), u16(UNDETERMINED, 0)),
      fullBox("hdlr", 0, 0, zeros(4), fourcc(isSound ? "soun" : "vide"), zeros(12), zeros(1)),
      box(
        "minf",
        isSound ? fullBox("smhd", 0, 0, zeros(4)) : fullBox("vmhd", 0, 1, zeros(8)),
        box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1))), // the samples lie in this file
        sampleTableBox(track, chunkPositions, widths),
      ),
    ),
  );
}

/** Version of the boxes that hold times, and how a time is written in them. */
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

/** `stsc` entries, flat: the first chunk of a run (from 1), samples of each of its chunks, which description. */
function samplesToChunks(chunkSamples: readonly number[]): number[] {
  return chunkSamples.flatMap((samples, i) => (i > 0 && chunkSamples[i - 1] === samples ? [] : [i + 1, samples, 1]));
}

/** Says that an AAC packet decodes rightly only after the one before it, for players that seek. */
function preRoll(samples: number): Box[] {
  return [
    fullBox("sgpd", 1, 0, fourcc("roll"), u32(2, 1), u16(0xffff)),
    fullBox("sbgp", 0, 0, fourcc("roll"), u32(1, samples, 1)),
  ];
}
