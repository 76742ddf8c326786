import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { probe } from "../probe/probe.js";
import { requireVideo } from "../probe/require.js";
import { NEEDS_REAL_MEDIA, REAL_MEDIA } from "../testing/index.js";
import { type ClipFormat, formatOf, secondsToFrames } from "./format.js";
import { type Bench, openBench } from "./testing/bench.js";

const videos = ["friday.mp4", "flower.mp4", "flower.webm", "bug_video_640.mp4", "tears-of-steel.webm"];
const stills = ["leopard.jpg", "balloons-landscape.jpg"];

describe("clips of real media", NEEDS_REAL_MEDIA, () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench[Symbol.asyncDispose]());
  const signal = new AbortController().signal;
  const configs = new Map<string, Set<string>>();
  const noteConfig = (format: ClipFormat, config: Uint8Array) => {
    const key = JSON.stringify(format);
    configs.set(key, (configs.get(key) ?? new Set()).add(Buffer.from(config).toString("hex")));
  };

  const canvases = [
    formatOf({ width: 180, height: 320, frameRate: 30 }),
    formatOf({ width: 320, height: 180, frameRate: 29.97 }),
  ];
  const cases = canvases.flatMap((format) =>
    [...videos, ...stills].flatMap((name) => ["cover", "contain"].map((fit) => [name, fit, format] as const)),
  );

  it.each(cases)("of %s, %s, %j have every requested frame, up to the last", async (name, fit, format) => {
    const path = join(REAL_MEDIA ?? "", name);
    const still = stills.includes(name);
    const { startSeconds, frames } = still ? { startSeconds: 0, frames: 45 } : await lastSeconds(path, format);
    const atStart = { frames: 3 };
    const atEnd = { frames, startMicroseconds: BigInt(Math.round(startSeconds * 1e6)), holdFrames: 7 };
    const stretch = fit === "cover" ? atStart : atEnd;
    const { index, pictures } = await bench.clip(path, { format, fit, still, ...stretch });
    expect(pictures.length).toBe(fit === "cover" ? 3 : frames + 7);
    expect(index.sizes.length).toBe(pictures.length);
    noteConfig(format, index.decoderConfig);
  });

  it("share one configuration for each canvas", () => {
    expect(configs.size).toBe(canvases.length);
    for (const found of configs.values()) expect(found.size).toBe(1);
  });

  /** The last two seconds, as planning would specify them. */
  async function lastSeconds(path: string, format: ClipFormat) {
    const { durationSeconds } = requireVideo(await probe(path, { signal }));
    const startSeconds = durationSeconds - 2;
    return { startSeconds, frames: secondsToFrames(durationSeconds - startSeconds, format) };
  }
});
