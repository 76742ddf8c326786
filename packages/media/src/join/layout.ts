import type { SubtitleTrack } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { PACKET_SAMPLES } from "../sound/adts.js";
import { type Chunk, interleave } from "./interleave.js";
import { movieHeader, movieTimescale } from "./movie.js";
import { clipTable, packetTable } from "./packet-table.js";
import type { ClipPart, SoundPart } from "./parts.js";
import { soundDescription, videoDescription } from "./sample-description.js";
import type { Segment } from "./segment.js";
import { textTrack } from "./text-track.js";
import { timedText } from "./timed-text.js";
import type { Track } from "./track.js";

/**
 * An output before any byte of it is written: a header, followed by ranges of parts or of a file, with literal bytes
 * between them where a container has them. The same parts always give the same layout, to the byte.
 */
export interface Layout {
  header: Buffer;
  segments: Segment[];
  /** Of the whole file. */
  sizeBytes: number;
}

/**
 * The MP4 of clips joined under one soundtrack, with the index in front so that it plays while loading. The parts are
 * not checked: that is the certificate's task. `tags` are free keys and values. `subtitles` are tracks of their own.
 */
export function layOut(
  clips: readonly ClipPart[],
  sound?: SoundPart,
  tags: Readonly<Record<string, string>> = {},
  subtitles: readonly SubtitleTrack[] = [],
): Layout {
  const [first] = clips;
  if (!first) throw new PolyreelError("internal", "There are no clips to join.");
  const texts = subtitles.map((track) => timedText(track, secondsOf(clips, first)));
  const { chunks, segments } = interleave(clips, sound, texts);
  const timescale = movieTimescale(first.index.timescale);
  const video = videoTrack(clips, first, chunks, timescale);
  const tracks = [video];
  if (sound) tracks.push({ id: 2, ...soundTrack(sound, chunks, timescale) });
  for (const [i, text] of texts.entries()) {
    tracks.push({ id: tracks.length + 1, ...textTrack(text, `subtitles ${i}`, chunks, video) });
  }
  const header = movieHeader({ timescale, tracks, chunks, tags, brand: "mp4" });
  return { header, segments, sizeBytes: chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, header.length) };
}

function secondsOf(clips: readonly ClipPart[], { index: { sampleDuration, timescale } }: ClipPart): number {
  return (clips.reduce((sum, { index }) => sum + index.sizes.length, 0) * sampleDuration) / timescale;
}

function videoTrack(clips: readonly ClipPart[], first: ClipPart, chunks: Chunk[], movieScale: number): Track {
  const { timescale, sampleDuration, width, height, compositionOffsets } = first.index;
  const tables = clips.map(({ index }) => clipTable(index));
  const keyFrames: number[] = [];
  let frames = 0;
  for (const { index } of clips) {
    for (const frame of index.keyFrames) keyFrames.push(frames + frame);
    frames += index.sizes.length;
  }
  return {
    id: 1,
    key: "video",
    kind: "video",
    width,
    height,
    timescale,
    description: videoDescription(first.index, first.codec),
    durations: [frames, sampleDuration],
    compositionOffsets: Buffer.concat(tables.map((table) => table.compositionOffsets)),
    keyFrames,
    sizes: Buffer.concat(tables.map(({ sizes }) => sizes)),
    chunkSamples: packetsOf(chunks, "video"),
    // The first frame is decoded before it is shown, by the reorder delay: presentation begins with it.
    mediaTime: compositionOffsets[0] ?? 0,
    movieDuration: Math.round(frames * sampleDuration * (movieScale / timescale)),
  };
}

/** The track of a sound, without its number. `packetSamples`: samples per packet. */
export function soundTrack(
  { index }: SoundPart,
  chunks: readonly Chunk[],
  movieScale: number,
  packetSamples = PACKET_SAMPLES,
): Omit<Track, "id"> {
  return {
    key: "audio",
    kind: "audio",
    width: 0,
    height: 0,
    timescale: index.sampleRate,
    description: soundDescription(index, packetSamples),
    durations: [index.sizes.length, packetSamples],
    sizes: packetTable(index).sizes,
    chunkSamples: packetsOf(chunks, "audio"),
    mediaTime: index.delay,
    movieDuration: Math.round(Number(index.samples) * (movieScale / index.sampleRate)),
  };
}

const packetsOf = (chunks: readonly Chunk[], track: Chunk["track"]): number[] =>
  chunks.filter((chunk) => chunk.track === track).map(({ packets }) => packets);
