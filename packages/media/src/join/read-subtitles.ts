import type { Layout } from "./layout.js";
import { boxesIn, find, findIn } from "./read-boxes.js";

/** A subtitle track as a player reads it. */
export interface ReadTrack {
  readonly language: string;
  readonly cues: readonly {
    readonly startMilliseconds: number;
    readonly endMilliseconds: number;
    readonly text: string;
  }[];
}

/** The subtitle tracks of a layout, read from its literal bytes by the tables of its header. Empty samples are gaps. */
export function readSubtitles(layout: Layout): ReadTrack[] {
  const tracks: ReadTrack[] = [];
  for (const { type, content } of boxesIn(find(layout.header, "moov") ?? EMPTY)) {
    const media = find(content, "mdia");
    if (type !== "trak" || !media || find(media, "hdlr")?.toString("latin1", 8, 12) !== "sbtl") continue;
    // Without version and flags, and the terminating zero.
    const language = find(media, "elng")?.toString("utf8", 4).replace("\0", "") ?? "";
    tracks.push({ language, cues: [...cuesOf(findIn(media, "minf", "stbl") ?? EMPTY, literalsOf(layout))] });
  }
  return tracks;
}

const EMPTY = Buffer.alloc(0);

function* cuesOf(table: Buffer, literals: ReadonlyMap<number, Buffer>): Generator<ReadTrack["cues"][number]> {
  const durations = pairs(find(table, "stts")).flatMap(([count = 0, each = 0]) => Array<number>(count).fill(each));
  const sizes = numbers(find(table, "stsz"), 12);
  const runs = groups(numbers(find(table, "stsc"), 8), 3);
  let sample = 0;
  let startMilliseconds = 0;
  for (const [chunk, position] of chunkPositions(table).entries()) {
    const [, packets = 0] = runs.findLast(([first = 0]) => first <= chunk + 1) ?? [];
    let at = 0;
    for (const until = sample + packets; sample < until; sample++) {
      const bytes = literals.get(position)?.subarray(at, at + (sizes[sample] ?? 0)) ?? EMPTY;
      at += sizes[sample] ?? 0;
      const endMilliseconds = startMilliseconds + (durations[sample] ?? 0);
      const text = bytes.length < 2 ? "" : bytes.toString("utf8", 2, 2 + bytes.readUInt16BE());
      if (text !== "") yield { startMilliseconds, endMilliseconds, text };
      startMilliseconds = endMilliseconds;
    }
  }
}

/** The literal bytes after the header by their positions in the file: a chunk of text is one of them. */
function literalsOf({ header, segments }: Layout): Map<number, Buffer> {
  const literals = new Map<number, Buffer>();
  let position = header.length;
  for (const segment of segments) {
    if (segment.kind === "literal") literals.set(position, segment.bytes);
    position += segment.end - segment.start;
  }
  return literals;
}

function chunkPositions(table: Buffer): number[] {
  const long = find(table, "co64");
  if (!long) return numbers(find(table, "stco"), 8);
  return groups(numbers(long, 8), 2).map(([high = 0, low = 0]) => high * 2 ** 32 + low);
}

const pairs = (box: Buffer | undefined): number[][] => groups(numbers(box, 8), 2);

/** The 32-bit numbers after a box's head. */
function numbers(box: Buffer = EMPTY, head: number): number[] {
  const length = Math.max(0, Math.floor((box.length - head) / 4));
  return Array.from({ length }, (_, i) => box.readUInt32BE(head + 4 * i));
}

const groups = (all: readonly number[], size: number): number[][] =>
  Array.from({ length: all.length / size }, (_, i) => all.slice(i * size, (i + 1) * size));
