import { create } from "@bufbuild/protobuf";
import { type ClipIndex, ClipIndexSchema, joinOf, type SoundIndex, SoundIndexSchema } from "@polyreel/contract";
import { describe, expect, test } from "vitest";
import { certify } from "./certificate.js";
import { type Layout, layOut } from "./layout.js";

const clip = (change: Partial<ClipIndex> = {}) => ({
  hash: "c".repeat(64),
  index: create(ClipIndexSchema, {
    width: 720,
    height: 1280,
    timescale: 30_000,
    sampleDuration: 1000,
    decoderConfig: Buffer.from("avcC"),
    sizes: [500, 40, 20, 20, 300, 30],
    // Decoded 0 3 1 2 5 4 (in presentation order), two frames before they are shown.
    compositionOffsets: [2000, 4000, 1000, 1000, 3000, 1000],
    keyFrames: [0],
    ...change,
  }),
});

const SAMPLES = 12 * 1600;

const sound = (change: Partial<Omit<SoundIndex, "$typeName" | "$unknown">> = {}) => ({
  hash: "5".repeat(64),
  index: create(SoundIndexSchema, {
    sampleRate: 48_000,
    channels: 2,
    decoderConfig: Buffer.from([0x11, 0x90]),
    sizes: Array.from({ length: Math.ceil((SAMPLES + 1024) / 1024) }, (_, i) => 200 + i),
    delay: 1024,
    samples: BigInt(SAMPLES),
    loudnessLufs: -17,
    truePeakDbtp: -1.2,
    predictedMinLufs: -19,
    predictedMaxLufs: -16.5,
    ...change,
  }),
});

const certified = (clips: ReturnType<typeof clip>[], track?: ReturnType<typeof sound>) =>
  certify(clips, track, layOut(clips, track));

test("states what was checked", () => {
  expect(joinOf(certified([clip(), clip()], sound()))).toMatchObject({
    frames: 12n,
    frameStep: 1000,
    timescale: 30_000,
    videoSeconds: 0.4,
    audioSeconds: 0.4,
    loudnessLufs: -17,
    truePeakDbtp: -1.2,
    predictedMinLufs: -19,
    predictedMaxLufs: -16.5,
    headerSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("accepts predicted silence", () => {
  const silence = { loudnessLufs: -Infinity, truePeakDbtp: -Infinity, predictedMinLufs: -Infinity };
  expect(joinOf(certified([clip(), clip()], sound(silence)))?.loudnessLufs).toBe(-Infinity);
});

test.each([1024, -1024])("accepts sound that is off by %i samples", (offBy) => {
  const certificate = certified([clip(), clip()], sound({ samples: BigInt(SAMPLES + offBy), delay: 0 }));
  expect(joinOf(certificate)?.frames).toBe(12n);
});

describe("refuses a clip that cannot be joined", () => {
  test.each<[Partial<ClipIndex>, string]>([
    [{ decoderConfig: Buffer.from("avcc") }, "Clip 2 has another decoder configuration than the first."],
    [{ width: 722 }, "Clip 2 is of another size than the first."],
    [{ timescale: 25_000 }, "Clip 2 has another frame rate than the first."],
    [
      { sampleDuration: 1001, compositionOffsets: [2002, 4004, 1001, 1001, 3003, 1001] },
      "Clip 2 has another frame rate",
    ],
    [{ compositionOffsets: [1000, 3000, 0, 0, 2000, 0] }, "Clip 2 has another reorder delay than the first."],
    [{ compositionOffsets: [2000, 4000, 1000, 1000, 3000, 2000] }, "Clip 2 presents frame 5 at a time"],
    [{ compositionOffsets: [2000, 4000, 1000, 1000, 3000, 1001] }, "Clip 2 presents frame 5 at a time"],
    [{ compositionOffsets: [2000, 4000, 1000, 1000, 3000, 0] }, "Clip 2 presents frame 5 at a time"],
    [{ compositionOffsets: [2000, 4000, 1000, 1000, 3000] }, "Clip 2 has a presentation time for another number"],
    [{ keyFrames: [] }, "Clip 2 does not begin with a key frame."],
    [{ keyFrames: [0, 6] }, "Clip 2 lists key frames that are not there."],
    [{ sizes: [500, 40, 20, 20, 300, 0] }, "Clip 2 has an empty packet."],
    [{ sizes: [], compositionOffsets: [], keyFrames: [] }, "Clip 2 has no frames."],
  ])("%o: %s", (change, reason) => {
    expect(() => certified([clip(), clip(change)])).toThrow(reason);
  });
});

describe("refuses an invalid soundtrack", () => {
  test.each<[Partial<SoundIndex>, string]>([
    [{ samples: BigInt(SAMPLES + 1025), delay: 0 }, "The soundtrack is 0.021 s longer than the picture."],
    [{ samples: BigInt(SAMPLES - 1025) }, "The soundtrack is 0.021 s shorter than the picture."],
    [{ sizes: [200] }, "The soundtrack has fewer packets than samples."],
    [{ sampleRate: 44_100 }, "The soundtrack has 44100 samples a second, not 48000."],
    [{ truePeakDbtp: -0.99 }, "The soundtrack's true peak is -0.99 dBTP, above -1."],
    [{ truePeakDbtp: Number.NaN }, "The soundtrack's true peak is NaN dBTP"],
    [{ loudnessLufs: -16.4 }, "The soundtrack's loudness is -16.4 LUFS; -19.0 to -16.5 LUFS were predicted."],
    [{ loudnessLufs: -Infinity }, "The soundtrack's loudness is -Infinity LUFS"],
  ])("%o: %s", (change, reason) => {
    expect(() => certified([clip(), clip()], sound(change))).toThrow(reason);
  });
});

describe("refuses a layout that does not match its parts", () => {
  const clips = [clip(), clip()];
  const track = sound();
  const layout = layOut(clips, track);
  test.each<[string, Partial<Layout>]>([
    ["without its last segment", { segments: layout.segments.slice(0, -1) }],
    ["with a segment twice", { segments: [...layout.segments, ...layout.segments.slice(-1)] }],
    ["of another size", { sizeBytes: layout.sizeBytes + 1 }],
  ])("%s", (_what, change) => {
    expect(() => certify(clips, track, { ...layout, ...change })).toThrow("The layout");
  });
});

test("the same parts give the same file", () => {
  const headers = [0, 1].map(() => joinOf(certified([clip(), clip()], sound()))?.headerSha256);
  expect(headers[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(headers[0]).toBe(headers[1]);
});
