import { SAMPLE_RATE } from "../sound/pcm.js";
import { type Box, box, bytesOf, fourcc, fullBox, MAX_U32, sizeOf, u16, u32, u64, zeros } from "./boxes.js";
import type { Chunk, TrackKey } from "./interleave.js";
import { soundTagsBox, tagsBox } from "./tags.js";
import { matrixAt, type Track, ticksOf, timeFields, trackBox, type Widths } from "./track.js";

/** Input of a file's header. */
export interface Movie {
  /** Ticks per second of the tracks' `movieDuration`. */
  timescale: number;
  tracks: Track[];
  /** All chunks in file order. */
  chunks: Chunk[];
  tags: Readonly<Record<string, string>>;
  /** The file's declared brand: a video, or audio only. */
  brand: Brand;
}

export type Brand = "mp4" | "m4a";

/** No header comes near this size. */
const HEADER_BOUND = 256 << 20;

/** `ftyp`, `moov` and the first bytes of `mdat`: the file without its payload. */
export function movieHeader(movie: Movie): Buffer {
  const payloadBytes = movie.chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const widths: Widths = {
    times: Math.max(...movie.tracks.map(longestTime)) > MAX_U32 ? 64 : 32,
    positions: payloadBytes + HEADER_BOUND > MAX_U32 ? 64 : 32,
  };
  const positions = new Map(movie.tracks.map(({ key }) => [key, positionsIn(movie, key, widths)]));
  const boxes = [FILE_TYPES[movie.brand], movieBox(movie, positions, widths), mediaDataStart(payloadBytes, widths)];
  // Chunk positions depend on the header's length, but not vice versa.
  const payloadStart = boxes.reduce((sum, content) => sum + sizeOf(content), 0);
  setPositions(positions, movie.chunks, payloadStart, widths);
  return bytesOf(...boxes);
}

/** Positions of a track's chunks in the file, as `stco` or `co64` holds them. */
type Positions = ReadonlyMap<TrackKey, Buffer>;

const positionsIn = ({ chunks }: Movie, track: TrackKey, { positions }: Widths): Buffer =>
  zeros(chunks.filter((chunk) => chunk.track === track).length * (positions / 8));

function setPositions(into: Positions, chunks: readonly Chunk[], payloadStart: number, { positions }: Widths): void {
  const written = new Map<TrackKey, number>();
  let position = payloadStart;
  for (const { track, sizeBytes } of chunks) {
    const at = written.get(track) ?? 0;
    if (positions === 64) into.get(track)?.writeBigUInt64BE(BigInt(position), at);
    else into.get(track)?.writeUInt32BE(position, at);
    written.set(track, at + positions / 8);
    position += sizeBytes;
  }
}

/**
 * Ticks per second in which both a frame and an audio sample are whole numbers, so that edit lists are exact; if that
 * exceeds 32 bits, the video's, in which audio may be off by half a tick.
 */
export function movieTimescale(videoTimescale: number): number {
  const exact = (videoTimescale / greatestCommonDivisor(videoTimescale, SAMPLE_RATE)) * SAMPLE_RATE;
  return exact <= MAX_U32 ? exact : videoTimescale;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

const FILE_TYPES: Record<Brand, Box> = {
  mp4: box("ftyp", fourcc("isom"), u32(512), fourcc("isomiso2avc1mp41")),
  m4a: box("ftyp", fourcc("M4A "), u32(512), fourcc("M4A isomiso2mp42")),
};

function movieBox({ timescale, tracks, tags, brand }: Movie, positions: Positions, widths: Widths): Box {
  const { version, time } = timeFields(widths);
  return box(
    "moov",
    fullBox(
      "mvhd",
      version,
      0,
      time(0, 0), // No creation time: the same parts give the same bytes.
      u32(timescale),
      time(Math.max(...tracks.map(({ movieDuration }) => movieDuration))),
      u32(0x10000), // Speed 1.
      u16(0x100, 0), // Volume 1.
      zeros(8),
      matrixAt(0),
      zeros(24),
      u32(Math.max(...tracks.map(({ id }) => id)) + 1),
    ),
    ...tracks.map((track) => trackBox(track, positions.get(track.key) ?? zeros(0), widths)),
    ...(brand === "m4a" ? soundTagsBox(tags) : tagsBox(tags)),
  );
}

/** Size and type of `mdat`; a size of more than 32 bits follows the type. */
function mediaDataStart(payloadBytes: number, { positions }: Widths): Buffer {
  return positions === 64
    ? Buffer.concat([u32(1), fourcc("mdat"), u64(payloadBytes + 16)])
    : Buffer.concat([u32(payloadBytes + 8), fourcc("mdat")]);
}

const longestTime = (track: Track): number => Math.max(track.movieDuration, track.mediaTime, ticksOf(track));
