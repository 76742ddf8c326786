import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { probe } from "../probe/probe.js";
import { formatOf } from "./format.js";
import { type Bench, openBench } from "./testing/bench.js";
import { type Picture, pixel } from "./testing/decode-clip.js";
import { LOSSLESS, numbered, numbers, range } from "./testing/numbered.js";

let bench: Bench;
const signal = new AbortController().signal;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Files whose header contradicts their packets and pictures. */
describe("a duration contradicted by packets", () => {
  it("of two recordings in one file, with restarting timestamps, is the sum of both", async () => {
    const parts = await Promise.all(
      [20, 30].map(async (count, i) => readFile(await bench.source(`${i}.ts`, numbered(count), LOSSLESS))),
    );
    await writeFile(bench.at("joined.ts"), Buffer.concat(parts));
    const { video } = await probe(bench.at("joined.ts"), { signal });
    expect(video?.durationSeconds).toBeCloseTo(50 / 30, 2);
    const { pictures } = await bench.clip(bench.at("joined.ts"), { frames: 50 });
    expect(numbers(pictures)).toEqual([...range(0, 20), ...range(0, 30)]);
    const last = await bench.clip(bench.at("joined.ts"), { startMicroseconds: 1_000_000n, frames: 20 });
    expect(numbers(last.pictures)).toEqual(range(10, 30));
    // In one command with a source that is seeked.
    const long = await bench.source("sought.mp4", numbered(60), [...LOSSLESS, "-g", "10"]);
    const { pictures: both } = await bench.transition(
      {
        kind: "wipe-left",
        from: { frames: 4, startMicroseconds: 1_500_000n },
        to: { frames: 4, startMicroseconds: 1_000_000n },
      },
      { from: { sourcePath: long }, to: { sourcePath: bench.at("joined.ts") } },
    );
    expect(both).toHaveLength(4);
    expect(numbers(both.slice(0, 1))).toEqual([45]);
  });

  it("of fragments from the middle of a stream is that of the fragments", async () => {
    const fragmented = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-g", "10", ...LOSSLESS];
    const whole = await readFile(await bench.source("fragments.mp4", numbered(60), fragmented));
    const starts = [...whole.toString("latin1").matchAll(/moof/g)].map(({ index }) => index - 4);
    expect(starts).toHaveLength(6);
    const middle = Buffer.concat([whole.subarray(0, starts[0]), whole.subarray(starts[2], starts[5])]);
    await writeFile(bench.at("middle.mp4"), middle);
    const { video } = await probe(bench.at("middle.mp4"), { signal });
    expect(video?.durationSeconds).toBeCloseTo(1, 3);
    expect(numbers((await bench.clip(bench.at("middle.mp4"), { frames: 30 })).pictures)).toEqual(range(20, 50));
  });

  it("of packed B-frames in an AVI counts the displayed pictures", async () => {
    const packed = ["-c:v", "libxvid", "-qscale:v", "2", "-bf", "2", "-vtag", "XVID"];
    const avi = await bench.source("packed.avi", numbered(60), packed);
    const { video } = await probe(avi, { signal });
    const frames = Math.round((video?.durationSeconds ?? 0) * 30);
    expect(frames).toBeGreaterThan(55);
    expect((await bench.clip(avi, { frames })).pictures).toHaveLength(frames);
  });

  it.each(["cut.mp4", "cut.mkv"])("of a truncated file is still the stated one: %s", async (name) => {
    const options = name.endsWith("mp4") ? ["-movflags", "+faststart"] : [];
    const whole = await readFile(
      await bench.source(`whole-${name}`, "testsrc2=size=96x72:rate=30:duration=6", options),
    );
    await writeFile(bench.at(name), whole.subarray(0, whole.length / 2));
    const { video } = await probe(bench.at(name), { signal });
    expect(video?.durationSeconds).toBeCloseTo(6, 1);
    await expect(bench.clip(bench.at(name), { frames: 180 })).rejects.toThrow(/probably truncated/);
  });
});

describe("pictures marked as interlaced in a progressive stream", () => {
  it("are deinterlaced", async () => {
    const bar =
      "color=black:s=720x480:r=60000/1001:d=0.5,format=yuv420p,geq=lum='if(between(X-N*8,0,40),235,16)':cb=128:cr=128";
    const interlaced = `${bar},tinterlace=interleave_bottom,fieldorder=bff,format=yuv411p`;
    const dv = await bench.source("tape.dv", interlaced, ["-c:v", "dvvideo", "-flags", "+ilme+ildct"]);
    expect((await probe(dv, { signal })).video?.pixels).toMatchObject({ interlaced: false, interlacedPictures: true });
    const format = formatOf({ width: 640, height: 480, frameRate: 30 });
    for (const picture of (await bench.clip(dv, { format, fit: "cover" })).pictures)
      expect(combing(picture)).toBeLessThan(0.5);
  });

  /** Average difference between neighbouring lines. */
  function combing({ width, height, data }: Picture): number {
    let sum = 0;
    for (let i = 0; i < width * (height - 1); i++) sum += Math.abs((data[i] ?? 0) - (data[i + width] ?? 0));
    return sum / (width * (height - 1));
  }
});

describe("a shape that changes midway", () => {
  /** A white disc of 48 pixels on pictures of two shapes in one file. */
  async function turned(name: string, sizes: readonly string[], options: readonly string[]): Promise<string> {
    const parts = sizes.map(async (size, i) => {
      const disc = "geq=lum='if(lte(hypot(X-W/2,Y-H/2),24),235,16)':cb=128:cr=128";
      const source = `color=black:s=${size}:r=30:d=1,format=yuv420p,${disc}`;
      return readFile(await bench.source(`${i}-${name}`, source, [...options]));
    });
    await writeFile(bench.at(name), Buffer.concat(await Promise.all(parts)));
    return bench.at(name);
  }

  it.each([
    ["contain", 96, 96],
    ["cover", 96, 96],
    ["blur", 96, 160],
  ])("keeps circles round: %s", async (fit, width, height) => {
    const path = await turned("turned.ts", ["160x96", "96x160"], ["-c:v", "libx264", "-bf", "0"]);
    const format = formatOf({ width, height, frameRate: 30 });
    const { pictures } = await bench.clip(path, { fit, format, frames: 50, background: "#0000ff" });
    expect(pictures).toHaveLength(50);
    for (const picture of [pictures[2], pictures[45]]) {
      if (!picture) throw new Error("there is no picture");
      const [across, down] = diameters(picture);
      expect(across).toBeGreaterThan(20);
      expect(Math.abs(across - down)).toBeLessThan(4);
    }
    // The second shape fills the canvas in one direction, and the background shows in the other.
    if (fit === "contain") expect(pixel(pictures[45] as Picture, 8, 48)[1]).toBeGreaterThan(200);
  });

  /** Diameters of the disc in the middle, in pixels. */
  function diameters({ width, height, data }: Picture): [number, number] {
    const bright = (x: number, y: number) => (data[y * width + x] ?? 0) > 125;
    const run = (step: (i: number) => boolean) => {
      let length = 0;
      while (step(length)) length++;
      return length;
    };
    const [x, y] = [width / 2, height / 2];
    const half = (dx: number, dy: number) => run((i) => bright(x + dx * i, y + dy * i) && i < Math.max(width, height));
    return [half(1, 0) + half(-1, 0), half(0, 1) + half(0, -1)];
  }
});
