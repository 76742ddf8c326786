import { type Box, box, bytesOf, fullBox, u16, u32, u32s, zeros } from "./boxes.js";
import type { Chunk, TrackKey } from "./interleave.js";
import { runLengths } from "./packet-table.js";
import { TEXT_TIMESCALE, type TimedText } from "./timed-text.js";
import type { Track } from "./track.js";

/** Relative to the video's height: room for two lines, at the bottom. */
const BOX_HEIGHT = 0.15;

/**
 * Players take their own size, or 5 % of the height for this one (VLC). It is ffmpeg's default style: so ffmpeg extracts
 * plain text, without tags for the font.
 */
const FONT = "Arial";
const FONT_SIZE = 16;
const WHITE = Buffer.from([0xff, 0xff, 0xff, 0xff]);
const CENTRED = 1;
const AT_BOTTOM = -1;

/** A subtitle track over a video. */
export function textTrack(
  { language, samples }: TimedText,
  key: TrackKey,
  chunks: readonly Chunk[],
  video: Track,
): Omit<Track, "id"> {
  const { width, movieDuration } = video;
  const height = Math.round(video.height * BOX_HEIGHT);
  return {
    kind: "text",
    key,
    width,
    height,
    top: video.height - height,
    timescale: TEXT_TIMESCALE,
    language,
    name: `Subtitles ${language}`.trim(),
    description: textDescription(width, height),
    durations: runLengths(samples.map(({ milliseconds }) => milliseconds)),
    sizes: u32s(samples.map(({ bytes }) => bytes.length)),
    chunkSamples: chunks.filter(({ track }) => track === key).map(({ packets }) => packets),
    mediaTime: 0,
    // Exactly the video's: a track that is longer, be it by a rounded millisecond, would lengthen the movie.
    movieDuration,
  };
}

/** `stsd` of timed text (3GPP TS 26.245, section 5.16): white, without a background, centred at the bottom of its box. */
function textDescription(width: number, height: number): Box {
  const name = Buffer.from(FONT);
  const entry = box(
    "tx3g",
    zeros(6),
    u16(1), // Data reference.
    u32(0), // Neither scrolling nor karaoke.
    Buffer.from(Int8Array.of(CENTRED, AT_BOTTOM)),
    zeros(4), // Background.
    u16(0, 0, height, width), // The box: top, left, bottom, right.
    bytesOf(u16(0, 0, 1), Buffer.from([0, FONT_SIZE]), WHITE), // Style of all characters: font 1.
    box("ftab", u16(1, 1), Buffer.from([name.length]), name),
  );
  return fullBox("stsd", 0, 0, u32(1), entry);
}
