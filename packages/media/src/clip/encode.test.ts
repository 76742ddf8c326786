import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatOf } from "./format.js";
import { type Bench, openBench } from "./testing/bench.js";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("encoded clips", () => {
  it("share one configuration for every kind of source and any length", async () => {
    const moving = "testsrc2=size=96x72:rate=25:duration=1";
    const sources = {
      "h264.mp4": await bench.source("h264.mp4", moving),
      "vp8.webm": await bench.source("vp8.webm", moving, ["-c:v", "libvpx"]),
      "10 bit": await bench.source("ten.mkv", `${moving},format=yuv422p10le`, ["-c:v", "ffv1"]),
      "full range": await bench.source("full.mkv", `${moving},format=yuvj444p`, ["-c:v", "mjpeg"]),
      "red, green, blue": await bench.source("rgb.mkv", `${moving},format=bgr0`, ["-c:v", "ffv1"]),
      interlaced: await bench.source("tff.mp4", `${moving},interlace`, ["-flags", "+ildct+ilme"]),
    };
    const stills = {
      jpeg: await bench.source("s.jpg", moving, ["-frames:v", "1"]),
      png: await bench.source("s.png", `${moving},format=rgba`, ["-frames:v", "1"]),
    };
    const configs = new Map<string, string>();
    for (const [what, path] of Object.entries({ ...sources, ...stills })) {
      const { index } = await bench.clip(path, { still: what in stills, frames: 5 });
      configs.set(what, Buffer.from(index.decoderConfig).toString("hex"));
    }
    for (const frames of [1, 2]) {
      const { index } = await bench.clip(sources["h264.mp4"], { frames });
      configs.set(`${frames}`, Buffer.from(index.decoderConfig).toString("hex"));
    }
    // 901 frames use more threads.
    const { index } = await bench.clip(stills.jpeg, { still: true, frames: 901 });
    configs.set("long", Buffer.from(index.decoderConfig).toString("hex"));
    expect([...new Set(configs.values())]).toEqual([configs.get("h264.mp4")]);
  });

  it("are identical for the same recipe", async () => {
    const path = await bench.source("same.mp4", "testsrc2=size=96x72:rate=30:duration=31");
    // 901 frames use more threads.
    for (const frames of [60, 901]) {
      const [one, two] = [await bench.clip(path, { frames }), await bench.clip(path, { frames })];
      expect(one.payload.equals(two.payload)).toBe(true);
      expect(one.index).toEqual(two.index);
    }
  });
});

describe("failures", () => {
  it("are reported, and leave nothing behind", async () => {
    const mp4 = await bench.source("whole.mp4", "testsrc2=size=96x72:rate=30:duration=3", ["-movflags", "+faststart"]);
    const whole = await readFile(mp4);
    await writeFile(bench.at("cut.mp4"), whole.subarray(0, whole.length / 2));
    const text = bench.at("text.mp4");
    await writeFile(text, "no video at all\n");
    const still = await bench.source("still.png", "color=red:size=32x32", ["-frames:v", "1"]);
    const long = { frames: 2000, format: formatOf({ width: 1080, height: 1920, frameRate: 30 }), still: true };
    // An HDR matrix that zscale cannot convert: fails after the probe, and would fail again.
    const tags = "h264_metadata=colour_primaries=9:transfer_characteristics=16:matrix_coefficients=11";
    const unusable = await bench.source(
      "unusable.mp4",
      "color=gray:size=96x160:rate=30:duration=1,format=yuv420p10le",
      [...["-c:v", "libx264", "-bsf:v", tags]],
    );
    const cases: [() => Promise<unknown>, string, RegExp][] = [
      [() => bench.clip(unusable), "invalid", /^ffmpeg cannot process the file's pictures/],
      [
        () => bench.clip(bench.at("cut.mp4"), { frames: 90 }),
        "invalid",
        /^The picture ends after \d\.\d\d s of 3\.00 s/,
      ],
      [
        () => bench.clip(mp4, { startMicroseconds: 9_000_000n }),
        "invalid",
        /^The picture ends before 9\.00 s of 9\.33 s/,
      ],
      [() => bench.clip(text), "invalid", /^The file is text/],
      [() => bench.clip(still), "invalid", /^The file is a still picture/],
      [() => bench.clip(mp4, { still: true }), "invalid", /^The file is a video/],
      [() => bench.clip(mp4, { frames: 0 }), "internal", /no frames/],
      [() => bench.clip(still, long, { signal: AbortSignal.timeout(300) }), "cancelled", /cancelled/],
    ];
    for (const [encoding, code, message] of cases) {
      await expect(encoding()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    }
    expect(await bench.leftovers()).toEqual([]);
  });

  it("do not name temporary files", async () => {
    const path = await bench.source("-y %d [x];'$(touch x).mp4", "testsrc2=size=96x72:rate=30:duration=1");
    expect((await bench.clip(path)).pictures.length).toBe(10);
  });
});

it("progress goes from 0 to 1 and never decreases", async () => {
  const path = await bench.source("progress.mp4", "testsrc2=size=320x240:rate=30:duration=4");
  const seen: number[] = [];
  const format = formatOf({ width: 720, height: 1280, frameRate: 30 });
  await bench.clip(path, { frames: 120, format }, { onProgress: (fraction) => seen.push(fraction) });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
  expect(seen.some((fraction) => fraction > 0.05 && fraction < 0.95)).toBe(true);
});
