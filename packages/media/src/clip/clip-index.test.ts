import { describe, expect, it } from "vitest";
import { clipIndex, type EncodedPacket } from "./clip-index.js";
import { formatOf } from "./format.js";

const format = formatOf({ width: 96, height: 160, frameRate: 30 });
const config = Uint8Array.of(1, 100, 0, 13, 255, 225, 0, 0, 1);
/** Packets in decoding order, given their positions in presentation order. */
const packets = (places: number[], delaySeconds = 0): EncodedPacket[] =>
  places.map((place, i) => ({ sizeBytes: 10 + i, presentationSeconds: delaySeconds + place / 30, keyFrame: i === 0 }));
const offsets = (places: number[], delaySeconds?: number) =>
  clipIndex(format, places.length, packets(places, delaySeconds), config).compositionOffsets;

describe("composition offsets", () => {
  it.each([
    ["one frame", [0], [2000]],
    ["two frames", [0, 1], [2000, 2000]],
    ["three frames", [0, 2, 1], [2000, 3000, 1000]],
    ["two groups", [0, 3, 1, 2, 6, 4, 5], [2000, 4000, 1000, 1000, 4000, 1000, 1000]],
  ])("of %s have the same delay, whatever the encoder's delay", (_what, places, expected) => {
    expect(offsets(places)).toEqual(expected);
    expect(offsets(places, 2 / 30)).toEqual(expected);
    expect(offsets(places, 17.0333)).toEqual(expected);
  });
});

it("contains sizes, key frames and the time base", () => {
  const index = clipIndex(format, 3, packets([0, 2, 1]), config);
  expect(index).toMatchObject({ width: 96, height: 160, timescale: 30000, sampleDuration: 1000, sizes: [10, 11, 12] });
  expect(index.keyFrames).toEqual([0]);
  expect(index.decoderConfig).toEqual(config);
});

it("handles a clip of six hours", () => {
  const frames = 6 * 3600 * 30;
  const places = Array.from({ length: frames }, (_, i) => i);
  expect(clipIndex(format, frames, packets(places), config).sizes.length).toBe(frames);
});

it.each<[string, number, EncodedPacket[], Uint8Array]>([
  ["a frame too few", 3, packets([0, 1]), config],
  ["no key frame at the start", 1, [{ sizeBytes: 1, presentationSeconds: 0, keyFrame: false }], config],
  ["a gap", 2, packets([0, 2]), config],
  ["two frames at one time", 2, packets([0, 0]), config],
  ["an empty packet", 1, [{ sizeBytes: 0, presentationSeconds: 0, keyFrame: true }], config],
  ["a frame shown before it is decoded", 5, packets([1, 2, 3, 4, 0]), config],
  ["no configuration", 1, packets([0]), new Uint8Array()],
])("refuses %s", (_what, frames, wrong, decoderConfig) => {
  expect(() => clipIndex(format, frames, wrong, decoderConfig)).toThrow("A clip was encoded wrongly.");
});
