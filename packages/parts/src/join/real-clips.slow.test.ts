import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { ClipRecipeSchema } from "@polyreel/contract";
import { encodeClip } from "@polyreel/media/clip";
import type { ClipPart } from "@polyreel/media/join";
import { certify, layOut, writeLayout } from "@polyreel/media/join";
import { decodedFrames, NEEDS_REAL_MEDIA, probedPackets, REAL_MEDIA } from "@polyreel/media/testing";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PartStore } from "../part-store.js";
import { recipeHash } from "../recipe-hash.js";

const SOURCES = [
  { file: "friday.mp4", frames: 40 },
  { file: "flower.mp4", frames: 1 },
  { file: "flower.webm", frames: 20 },
  { file: "bug_video_640.mp4", frames: 3 },
  { file: "tears-of-steel.webm", frames: 2 },
  { file: "leopard.jpg", frames: 12, still: true },
  { file: "balloons-landscape.jpg", frames: 1, still: true },
  { file: "tears-of-steel.webm", frames: 35, start: 20_000_000n },
];

describe("real clips", NEEDS_REAL_MEDIA, () => {
  let folder: string;
  let parts: PartStore;
  let clips: ClipPart[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "real-clips-"));
    parts = new PartStore(await openFolderStore(join(folder, "store")));
    clips = [];
    for (const { file, frames, still = false, start = 0n } of SOURCES) {
      const recipe = create(ClipRecipeSchema, {
        sourceSha256: file,
        still,
        format: { width: 180, height: 320, rateNumerator: 30, rateDenominator: 1 },
        fit: "contain",
        background: "#203040",
        startMicroseconds: start,
        frames,
      });
      const work = { sourcePath: join(REAL_MEDIA ?? "", file), tempDir: folder, signal: AbortSignal.timeout(60_000) };
      const { payloadPath, index } = await encodeClip(recipe, work);
      const hash = recipeHash("clip", ClipRecipeSchema, recipe);
      await parts.put("clip", hash, { path: payloadPath }, { kind: { case: "clip", value: index } });
      clips.push({ hash, index });
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function written(name: string, used: ClipPart[]): Promise<string> {
    const layout = layOut(used);
    certify(used, undefined, layout);
    const path = join(folder, name);
    await writeLayout(layout, parts, path);
    return path;
  }

  test.each([
    ["in one order", (all: ClipPart[]) => all],
    ["in the other", (all: ClipPart[]) => all.toReversed()],
  ])("joined %s decode to what each decodes to alone", async (order, arrange) => {
    const used = arrange(clips);
    const alone: string[] = [];
    for (const [i, clip] of used.entries()) {
      alone.push(...(await decodedFrames(await written(`${order} ${i}.mp4`, [clip]))).map(({ md5 }) => md5));
    }
    const path = await written(`${order}.mp4`, used);
    expect((await decodedFrames(path)).map(({ md5 }) => md5)).toEqual(alone);
    expect(alone.length).toBe(SOURCES.reduce((sum, { frames }) => sum + frames, 0));
    const packets = await probedPackets(path, "v");
    for (const times of [packets.map(({ dts }) => dts), packets.map(({ pts }) => pts).sort((a, b) => a - b)]) {
      expect(new Set(times.slice(1).map((time, i) => time - (times[i] ?? 0)))).toEqual(new Set([1000]));
    }
  });
});
