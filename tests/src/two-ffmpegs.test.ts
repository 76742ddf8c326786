import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeBed, makeFootage } from "./testing/media.js";
import { TWO_FFMPEGS } from "./testing/newest-ffmpeg.js";

const PROGRAM = fileURLToPath(new URL("../../cli/bin/polyreel.mjs", import.meta.url));

/** Every kind of part: clips of footage and of a still, with and without text, a transition, sound, speech. */
const BATCH = `
name: two
canvas: {width: 96, height: 160, frameRate: 30, fit: cover}
blocks:
  - {name: film, video: {transition: {kind: crossfade, duration: 200ms}, choices: [{source: film.mp4}]}}
  - {name: still, video: {choices: [{image: photo.jpg, duration: 1s}]}}
  - {name: text, text: {over: [film], choices: [{text: Hello}, {text: Bye}]}}
  - {name: voice, voice: {overrun: extend, choices: [{text: Half price today}]}}
  - {name: bed, audio: {loop: true, choices: [{source: bed.wav}]}}
`;

describe("a batch on two ffmpegs", needs(TWO_FFMPEGS, "needs two ffmpegs, in .programs and in the PATH"), () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-two-"));
    await makeFootage(folder, "film.mp4");
    await makeBed(folder, "bed.wav");
    await runFfmpeg({
      inputs: [{ lavfi: "testsrc2=size=200x200,format=yuvj420p" }],
      outputs: [{ file: join(folder, "photo.jpg"), options: ["-frames:v", "1"] }],
      signal: new AbortController().signal,
      deadlineSeconds: 60,
      maxOutputBytes: 1 << 24,
    });
    await writeFile(join(folder, "two.yaml"), BATCH);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("delivers all with either, and shares no part that the other would have made differently", async () => {
    const ffmpegs = TWO_FFMPEGS ?? expect.fail("There are no two ffmpegs.");
    const [alone, newest] = [await partsOf("alone", ffmpegs.other), await partsOf("newest", ffmpegs.newest)];
    await partsOf("both", ffmpegs.other);
    const both = await partsOf("both", ffmpegs.newest);
    expect(new Set([...both.keys()])).toEqual(new Set([...alone.keys(), ...newest.keys()]));
    const kinds = new Set([...alone.keys()].map((key) => key.split("/")[0]));
    expect(kinds).toEqual(new Set(["clip", "sound", "voice", "pcm"]));
    for (const kind of ["clip", "sound", "pcm"]) {
      const shared = [...alone.keys()].filter((key) => key.startsWith(`${kind}/`) && newest.has(key));
      expect(shared).toEqual([]);
    }
    for (const [key, digest] of alone) if (newest.has(key)) expect([key, newest.get(key)]).toEqual([key, digest]);
  });

  /** Renders the batch into a store; returns the SHA-256 of every part's payload by kind and recipe hash. */
  async function partsOf(store: string, ffmpeg: string): Promise<Map<string, string>> {
    const args = ["render", "two.yaml", "--out", `${store}-out`, "--store", store, "--json", "--quiet"];
    const env = { ...process.env, FFMPEG_PATH: ffmpeg };
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args], { cwd: folder, env });
    expect(JSON.parse(stdout).combinations).toEqual({ planned: 2, delivered: 2, failed: 0 });
    const files = await readdir(join(folder, store), { recursive: true });
    const payloads = files.filter((path) => /parts\/[a-z]+\/[0-9a-f]{64}$/.test(path));
    const digests = payloads.map(async (path) => {
      const digest = createHash("sha256").update(await readFile(join(folder, store, path)));
      return [path.replace(/.*parts\//, ""), digest.digest("hex")] as const;
    });
    return new Map(await Promise.all(digests));
  }
});
