import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layOut, writeLayout } from "@polyreel/media/join";
import { CHROMIUM, encodeClip, encodeSound, playThrough } from "@polyreel/media/testing";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PartStore } from "../part-store.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chromium-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** 15, 1, 2, 15, 3, 15, 1, 2, 15 and 3 frames: 9 joins. */
const LENGTHS = [15, 1, 2, 15, 3];

test("Chromium plays through with every frame once", async ({ skip }) => {
  skip(!CHROMIUM, "needs Chromium");
  const parts = new PartStore(await openFolderStore(join(folder, "store")));
  const clips = [];
  for (const [i, frames] of LENGTHS.entries()) {
    const clip = await encodeClip(folder, `clip${i}`, { source: "testsrc2=s=180x320:r=30", frames });
    await parts.put("clip", clip.hash, clip.payload, { kind: { case: "clip", value: clip.index } });
    clips.push(clip);
  }
  const used = [...clips, ...clips];
  const frames = 2 * LENGTHS.reduce((sum, length) => sum + length, 0);
  const sound = await encodeSound(folder, "sound", { source: "sine=f=440:r=48000", samples: frames * 1600 });
  await parts.put("sound", sound.hash, sound.payload, { kind: { case: "sound", value: sound.index } });
  const path = join(folder, "output.mp4");
  await writeLayout(layOut(used, sound), parts, path);

  expect(await playThrough(path, frames)).toEqual({
    error: "",
    durationSeconds: frames / 30,
    endedAtSeconds: frames / 30,
    frameTimes: Array.from({ length: frames }, (_, i) => expect.closeTo(i / 30, 4)),
    inOrder: true,
    stalls: 0,
  });
});
