import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AudioFormat, PictureFormat, RenditionRecipeSchema, ThumbnailSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageWorkers } from "../image/image-workers.js";
import { sourceThumbnail } from "../operations/source-picture.js";
import type { Probe } from "../probe/parse.js";
import { probe } from "../probe/probe.js";
import { makeFile } from "./make-file.js";
import * as bombs from "./testing/bombs.js";

type Operation = NonNullable<MessageInitShape<typeof RenditionRecipeSchema>["operation"]>;

const { signal } = new AbortController();
const images = new ImageWorkers({ processes: 1 });
/** Other tests run at the same time; without bounds these took minutes, or all memory. */
const SECONDS = 60;
let folder: string;
let tempDir: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-bombs-"));
  tempDir = await mkdtemp(join(folder, "work-"));
});
afterAll(async () => {
  await images.close();
  await rm(folder, { recursive: true, force: true });
});

const OPERATIONS: readonly Operation[] = [
  { case: "transcode", value: { background: "#000000", crf: 40 } },
  { case: "compress", value: {} },
  { case: "audio", value: { format: AudioFormat.FLAC } },
  { case: "audio", value: { format: AudioFormat.M4A, loudnessLufs: -20 } },
  { case: "metadata", value: {} },
  { case: "preview", value: { format: 3, seconds: 1, fps: 10, width: 64, segments: 3 } },
];

/** "made", or why not: a refusal that says what to do. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "made";
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    expect(error.failure.remedy).not.toBe("");
    return error.failure.reason;
  }
}

/** What becomes of a file in each operation; all the same if it cannot even be probed. */
async function outcomes(path: string): Promise<string[]> {
  let found: Probe | undefined;
  const refused = await outcome(async () => {
    found = await probe(path, { signal });
  });
  if (!found) return [refused];
  const source = { path, probe: found };
  const results: string[] = [];
  for (const given of OPERATIONS) {
    const { operation } = create(RenditionRecipeSchema, { operation: given });
    const work = { signal, tempDir, images, av1: "libsvtav1" as const, track: 0 };
    results.push(`${operation.case}: ${await outcome(() => makeFile(source, operation, work))}`);
  }
  const picture = create(ThumbnailSchema, { at: { seconds: 1n }, format: PictureFormat.JPEG });
  results.push(`thumbnail: ${await outcome(() => sourceThumbnail(source, picture, { signal, tempDir }))}`);
  return results;
}

const NO_SOUND = "The file has no sound.";
const NO_PICTURE = "The file has sound but no picture.";
const DAMAGED = "The file is not media that ffmpeg can read, or it is damaged.";
const UNDECODABLE = "The file's sound cannot be decoded.";

const NAMES = [...OPERATIONS.map((operation) => operation.case), "thumbnail"];
const of = (...results: string[]) => NAMES.map((name, i) => `${name}: ${results[i]}`);
const MADE = of("made", "made", "made", "made", "made", "made", "made");
const SILENT = of("made", "made", NO_SOUND, NO_SOUND, "made", "made", "made");

describe("a file that claims or unpacks to far more than its size", () => {
  it.each<[string, () => Buffer | Promise<Buffer>, string[]]>([
    [
      "VP8 of 268 megapixels",
      () => bombs.vp8Of(16_383, 16_383),
      of(DAMAGED, DAMAGED, NO_SOUND, NO_SOUND, "made", DAMAGED, DAMAGED),
    ],
    ["an MP4 that states 32768x32768", () => bombs.mp4Of(32_768, 32_768), SILENT],
    [
      "an MP4 that states a million pictures",
      () => bombs.mp4OfPictures(1_000_000),
      ["The file is damaged: its tables of pictures and sound are wrong."],
    ],
    ["100,000 tracks", () => bombs.mkvOfTracks(100_000), ["The file has more streams than are accepted."]],
    ["100,000 chapters", () => bombs.mkvOfChapters(100_000), MADE],
    ["tags 10,000 deep", () => bombs.mkvOfNestedTags(10_000), MADE],
    ["an index that points to itself", () => bombs.mkvOfLoopingSeeks(), MADE],
    [
      "64 channels at 384 kHz",
      () => bombs.wavOf(64, 384_000),
      of(
        NO_PICTURE,
        NO_PICTURE,
        "ffmpeg cannot process the file's sound.",
        UNDECODABLE,
        UNDECODABLE,
        NO_PICTURE,
        NO_PICTURE,
      ),
    ],
    [
      "65,535 channels",
      () => bombs.wavOf(65_535, 48_000),
      ["The file is damaged: its pictures or its sound cannot be decoded."],
    ],
    [
      "ten hours of silence",
      () => bombs.longFlac(),
      of(
        NO_PICTURE,
        NO_PICTURE,
        "made",
        "The sound is 10.0 hours long; at most 4 can be brought to a loudness.",
        "made",
        NO_PICTURE,
        NO_PICTURE,
      ),
    ],
    [
      "ten hours of one pixel",
      () => bombs.longPixel(),
      of("made", "No MP4 of this video is as small as the file itself.", NO_SOUND, NO_SOUND, "made", "made", "made"),
    ],
  ])(
    "%s: every operation ends soon, with a file or a clear refusal",
    { timeout: 300_000 },
    async (name, bytes, expected) => {
      const path = join(folder, name.replaceAll(/\W+/g, "-"));
      await writeFile(path, await bytes());
      const began = performance.now();
      expect(await outcomes(path)).toEqual(expected);
      expect(performance.now() - began).toBeLessThan(SECONDS * 1000);
      const left = await readdir(tempDir);
      expect(left.filter((file) => !/\.(mp4|flac|m4a|json)$/.test(file))).toEqual([]);
    },
  );
});
