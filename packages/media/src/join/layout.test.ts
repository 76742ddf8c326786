import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { ClipIndexSchema, SoundIndexSchema } from "@polyreel/contract";
import { describe, expect, test } from "vitest";
import { probedHeader } from "../testing/read-back.js";
import { interleave } from "./interleave.js";
import { type Layout, layOut } from "./layout.js";
import { movieTimescale } from "./movie.js";

/** A clip with this number of frames and bytes per frame. */
const clip = (hash: string, frames: number, bytes = 10, rate = { timescale: 30_000, sampleDuration: 1000 }) => ({
  hash,
  index: create(ClipIndexSchema, {
    width: 16,
    height: 16,
    ...rate,
    decoderConfig: Buffer.from("014d400affe1000467427a", "hex"),
    sizes: Array.from({ length: frames }, () => bytes),
    compositionOffsets: Array.from({ length: frames }, () => 2000),
    keyFrames: [0],
  }),
});

/** A soundtrack of packets of one byte. */
const sound = (samples: number) => ({
  hash: "sound",
  index: create(SoundIndexSchema, {
    sampleRate: 48_000,
    channels: 2,
    decoderConfig: Buffer.from([0x11, 0x90]),
    sizes: Array.from({ length: Math.ceil((samples + 1024) / 1024) }, () => 1),
    delay: 1024,
    samples: BigInt(samples),
  }),
});

describe("the order of the bytes", () => {
  test("is a second of video, then its audio", () => {
    const { chunks } = interleave([clip("a", 40), clip("b", 25)], sound(65 * 1600));
    // 49,024 samples with the encoder's delay are 47.9 packets, 97,024 are 94.75; the last chunk has the remainder.
    expect(chunks).toEqual([
      { track: "video", packets: 30, sizeBytes: 300 },
      { track: "audio", packets: 48, sizeBytes: 48 },
      { track: "video", packets: 30, sizeBytes: 300 },
      { track: "audio", packets: 47, sizeBytes: 47 },
      { track: "video", packets: 5, sizeBytes: 50 },
      { track: "audio", packets: 8, sizeBytes: 8 },
    ]);
  });

  test("follows the timeline if clips are shorter or longer than a second", () => {
    const { segments } = interleave([clip("a", 1), clip("b", 2), clip("c", 40)], sound(43 * 1600));
    expect(segments.map((one) => (one.kind === "literal" ? "" : `${one.hash} ${one.start}-${one.end}`))).toEqual([
      "a 0-10",
      "b 0-20",
      "c 0-270",
      "sound 0-48",
      "c 270-400",
      "sound 48-69",
    ]);
  });

  test("merges adjacent ranges of one clip, but not a clip that follows itself", () => {
    const { segments } = interleave([clip("a", 70), clip("a", 70)]);
    expect(segments).toEqual([
      { kind: "clip", hash: "a", start: 0, end: 700 },
      { kind: "clip", hash: "a", start: 0, end: 700 },
    ]);
  });
});

test.each([
  ["24", 24_000, 48_000],
  ["23.976", 24_000, 48_000],
  ["25", 25_000, 1_200_000],
  ["30 and 29.97", 30_000, 240_000],
  ["one that needs more than 32 bits", 90_001, 90_001],
])("the movie's time scale is exact for pictures and samples at %s", (_rate, timescale, expected) => {
  expect(movieTimescale(timescale)).toBe(expected);
});

/** Content of the box at a path; the last one if several have the same type. */
function content(header: Buffer, ...path: string[]): Buffer {
  let at = header;
  for (const type of path) {
    let found: Buffer | undefined;
    for (let i = 0; i + 8 <= at.length; i += at.readUInt32BE(i) || at.length) {
      const size = at.readUInt32BE(i);
      if (at.toString("latin1", i + 4, i + 8) === type) found = at.subarray(i + 8, size > 1 ? i + size : at.length);
      if (size === 1) break;
    }
    if (!found) throw new Error(`There is no ${type}.`);
    at = found;
  }
  return at;
}

const stbl = (layout: Layout, ...path: string[]) =>
  content(layout.header, "moov", "trak", "mdia", "minf", "stbl", ...path);

test("indexes every key frame", () => {
  const second = clip("b", 40);
  second.index.keyFrames = [0, 30];
  const keyFrames = stbl(layOut([clip("a", 25), second, clip("c", 1)]), "stss");
  // The number; then, counted from 1: the first frame of each clip, and the one within.
  expect([4, 8, 12, 16, 20].map((at) => keyFrames.readUInt32BE(at))).toEqual([4, 1, 26, 56, 66]);
});

describe("sizes beyond 32 bits", () => {
  test("below 4 GiB chunk positions have 32 bits", () => {
    const layout = layOut([clip("a", 60, 10_000_000)]);
    const positions = stbl(layout, "stco");
    expect(positions.readUInt32BE(4)).toBe(2);
    expect(positions.readUInt32BE(8)).toBe(layout.header.length);
    expect(positions.readUInt32BE(12)).toBe(layout.header.length + 300_000_000);
  });

  test("above, positions and the size of mdat have 64", () => {
    const layout = layOut([clip("a", 60, 100_000_000)]);
    const positions = stbl(layout, "co64");
    expect(positions.readBigUInt64BE(8)).toBe(BigInt(layout.header.length));
    expect(positions.readBigUInt64BE(16)).toBe(BigInt(layout.header.length + 3_000_000_000));
    expect(layout.sizeBytes).toBe(layout.header.length + 6_000_000_000);
    // Size 1, "mdat", then the size.
    const mediaData = layout.header.subarray(-16);
    expect(mediaData.toString("latin1", 4, 8)).toBe("mdat");
    expect(mediaData.readUInt32BE(0)).toBe(1);
    expect(mediaData.readBigUInt64BE(8)).toBe(6_000_000_016n);
  });

  test("represents six hours completely", async () => {
    const frames = 6 * 3600 * 30;
    const layout = layOut([clip("a", frames, 1)], sound(frames * 1600));
    const folder = await mkdtemp(join(tmpdir(), "layout-"));
    try {
      const path = join(folder, "six-hours.mp4");
      await using file = await open(path, "wx");
      await file.write(layout.header);
      await file.truncate(layout.sizeBytes);
      const { streams, format } = await probedHeader(path);
      expect(format.duration).toBe("21600.000000");
      expect(streams.map(({ nb_frames, duration }) => [nb_frames, duration])).toEqual([
        ["648000", "21600.000000"],
        ["1012501", "21600.000000"],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test("refuses an output without clips", () => {
  expect(() => layOut([])).toThrow("There are no clips to join.");
});
