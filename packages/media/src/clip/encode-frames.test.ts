import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import { formatOf } from "./format.js";
import { type Bench, openBench } from "./testing/bench.js";
import { LOSSLESS, numbered, numbers, range } from "./testing/numbered.js";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("encoded frames", () => {
  beforeAll(async () => {
    await bench.source("n.mp4", numbered(60), [...LOSSLESS, "-g", "25", "-bf", "2"]);
    await bench.source("n.mkv", numbered(60), [...LOSSLESS, "-g", "250"]);
    await bench.source("n.ts", numbered(60), [...LOSSLESS, "-g", "25"]);
    await bench.source("n24.mkv", numbered(48, 24), LOSSLESS);
    await bench.source("n60.mp4", numbered(60, 60), LOSSLESS);
  });

  it.each([1, 2, 3, 4, 60])("match the recipe's number exactly: %d", async (frames) => {
    const { pictures, index, payload } = await bench.clip(bench.at("n.mp4"), { frames });
    expect(numbers(pictures)).toEqual(range(0, frames));
    expect(index.sizes.length).toBe(frames);
    expect(index.sizes.reduce((sum, size) => sum + size)).toBe(payload.length);
    expect(index.compositionOffsets[0]).toBe(2 * index.sampleDuration);
    const shown = index.compositionOffsets.map((offset, i) => i + offset / index.sampleDuration - 2);
    expect(shown.sort((a, b) => a - b)).toEqual(range(0, frames));
    expect(index.keyFrames).toEqual([0]);
  });

  it.each<[string, number, number]>([
    ["n.mp4", 1, 30],
    ["n.mp4", 0.5, 15],
    ["n.mp4", 1.9, 57],
    ["n.mkv", 1.9, 57],
    ["n.mkv", 0.2, 6],
    ["n.ts", 1.9, 57],
    ["n60.mp4", 0.5, 30],
  ])("of %s from %d s begin at that picture", async (name, start, first) => {
    const { pictures } = await bench.clip(bench.at(name), { startMicroseconds: BigInt(start * 1e6), frames: 3 });
    const step = name === "n60.mp4" ? 2 : 1;
    expect(numbers(pictures)).toEqual([first, first + step, first + 2 * step]);
  });

  it("have an even rhythm if a trim falls between two pictures of a container with millisecond timestamps", async () => {
    const { pictures } = await bench.clip(bench.at("n.mkv"), { startMicroseconds: 250_000n, frames: 40 });
    expect(numbers(pictures)).toEqual(range(7, 47));
  });

  it("of a film at a lower rate are repeated evenly: every fourth twice", async () => {
    const { pictures } = await bench.clip(bench.at("n24.mkv"), { frames: 30 });
    const shown = numbers(pictures);
    expect(new Set(shown).size).toBe(24);
    const repeats = shown.flatMap((number, i) => (number === shown[i - 1] ? [i] : []));
    expect(repeats.map((at, i) => at - (repeats[i - 1] ?? at - 5))).toEqual(repeats.map(() => 5));
  });

  it("of a recording with uneven timing keep their times", async () => {
    const uneven = `${numbered(20)},setpts='(N+5*gte(N\\,10))/30/TB'`;
    const path = await bench.source("vfr.mkv", uneven, LOSSLESS);
    const { pictures } = await bench.clip(path, { frames: 25 });
    expect(numbers(pictures)).toEqual([...range(0, 10), 9, 9, 9, 9, 9, ...range(10, 20)]);
  });

  it("continue after a recording changes its size", async () => {
    const small = await bench.source("small.ts", numbered(10), LOSSLESS);
    const later = ["-output_ts_offset", String(1 / 3)];
    const large = await bench.source("large.ts", `${numbered(10)},scale=96:192`, [...LOSSLESS, ...later]);
    const path = bench.at("changing.ts");
    await writeFile(path, Buffer.concat([await readFile(small), await readFile(large)]));
    const { pictures } = await bench.clip(path, { frames: 20 });
    expect(numbers(pictures)).toEqual([...range(0, 10), ...range(0, 10)]);
  });

  it("of a file cut without re-encoding begin at its stated start", async () => {
    const cut = bench.at("cut.mp4");
    await runFfmpeg({
      inputs: [{ file: bench.at("n.mp4"), options: ["-ss", "1.3"] }],
      outputs: [{ file: cut, options: ["-c", "copy"] }],
      signal: new AbortController().signal,
      deadlineSeconds: 30,
      maxOutputBytes: 1e7,
    });
    expect(numbers((await bench.clip(cut)).pictures)).toEqual(range(39, 49));
    const later = await bench.clip(cut, { startMicroseconds: 100_000n });
    expect(numbers(later.pictures)).toEqual(range(42, 52));
  });

  it("hold the last one", async () => {
    const { pictures } = await bench.clip(bench.at("n.mp4"), { frames: 5, holdFrames: 4 });
    expect(numbers(pictures)).toEqual([0, 1, 2, 3, 4, 4, 4, 4, 4]);
  });

  it("fill in at most two frames lost to rounding", async () => {
    const { pictures } = await bench.clip(bench.at("n.mp4"), {
      startMicroseconds: 1_900_000n,
      frames: 5,
      holdFrames: 1,
    });
    expect(numbers(pictures)).toEqual([57, 58, 59, 59, 59, 59]);
    const tooLong = bench.clip(bench.at("n.mp4"), { startMicroseconds: 1_900_000n, frames: 6, holdFrames: 1 });
    await expect(tooLong).rejects.toThrow("The picture ends after 2.00 s of 2.10 s");
  });

  it("have a key frame every two seconds", async () => {
    const format = formatOf({ width: 32, height: 32, frameRate: 29.97 });
    const path = await bench.source("long.mp4", "testsrc2=size=32x32:rate=30000/1001:duration=5");
    const { index, pictures } = await bench.clip(path, { format, frames: 149 });
    expect(index).toMatchObject({ timescale: 30000, sampleDuration: 1001, keyFrames: [0, 60, 120] });
    expect(pictures.length).toBe(149);
  });
});
