import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClipIndex, SoundIndex } from "@polyreel/contract";
import { layOut, writeLayout } from "@polyreel/media/join";
import { layOutAudio } from "@polyreel/media/operations";
import { decodedSound, type EncodedPart, encodeClip, encodeSound, probed } from "@polyreel/media/testing";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PartStore } from "../part-store.js";

const FRAMES = 100;
const SAMPLES = FRAMES * 1600;
const TAGS = { title: "Frühling ☀", polyreel_combination: "abc", hook: "a=b;c", "hook.sku": "4711" };
let folder: string;
let parts: PartStore;
let clip: EncodedPart<ClipIndex>;
let sound: EncodedPart<SoundIndex>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-audio-"));
  parts = new PartStore(await openFolderStore(join(folder, "store")));
  clip = await encodeClip(folder, "clip", { source: "testsrc2=s=180x320:r=30", frames: FRAMES });
  const source = "aevalsrc='0.4*sin(2*PI*(200+300*t)*t)|0.3*sin(2*PI*500*t*t)':s=48000";
  sound = await encodeSound(folder, "sound", { source, samples: SAMPLES });
  await parts.put("clip", clip.hash, clip.payload, { kind: { case: "clip", value: clip.index } });
  await parts.put("sound", sound.hash, sound.payload, { kind: { case: "sound", value: sound.index } });
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, tags: Readonly<Record<string, string>> = TAGS): Promise<string> {
  const path = join(folder, name);
  await writeLayout(layOutAudio(sound, tags).layout, parts, path);
  return path;
}

describe("the sound of a combination", () => {
  test("decodes to the samples of the video", async () => {
    const video = join(folder, "video.mp4");
    await writeLayout(layOut([clip], sound, TAGS), parts, video);
    const m4a = await decodedSound(await written("sound.m4a"));
    expect(m4a.length / 8).toBeGreaterThanOrEqual(SAMPLES);
    expect(Buffer.compare(m4a, await decodedSound(video))).toBe(0);
  });

  test("is one AAC track from 0, as long as the sound, with its tags", async () => {
    const path = await written("probed.m4a");
    const { streams, format, packets } = await probed(path);
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({
      codec_name: "aac",
      sample_rate: "48000",
      channels: 2,
      start_pts: 0,
      duration_ts: SAMPLES,
    });
    expect(Number(format.duration)).toBeCloseTo(SAMPLES / 48_000, 5);
    expect(packets.map(({ pts }) => pts)).toEqual(sound.index.sizes.map((_, i) => (i - 1) * 1024));
    const shown = format as unknown as { tags: Record<string, string> };
    expect(shown.tags).toMatchObject({ ...TAGS, major_brand: "M4A " });
  });

  test("is certified by header, parts and size, which determine every byte", async () => {
    const { layout, certificate } = layOutAudio(sound, TAGS);
    const value = {
      headerSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      audioSeconds: SAMPLES / 48_000,
      loudnessLufs: -20,
      truePeakDbtp: -3,
    };
    const { size } = await stat(await written("sized.m4a"));
    expect(certificate).toMatchObject({ sizeBytes: BigInt(size), operation: { case: "audio", value } });
    expect(layout.segments).toEqual([{ kind: "sound", hash: sound.hash, start: 0, end: sound.payload.length }]);
    expect(layOutAudio(sound, TAGS).certificate).toEqual(certificate);
    const plain = await readFile(await written("plain.m4a", {}));
    expect(plain.includes("udta")).toBe(false);
  });

  test("is played completely at any length: chunks of a second may end anywhere", async () => {
    for (const samples of [1500, 46 * 1024, 47 * 1024]) {
      const short = await encodeSound(folder, `short${samples}`, { source: "sine=f=440:r=48000", samples });
      await parts.put("sound", short.hash, short.payload, { kind: { case: "sound", value: short.index } });
      const path = join(folder, `short${samples}.m4a`);
      await writeLayout(layOutAudio(short, {}).layout, parts, path);
      expect((await probed(path)).streams[0]).toMatchObject({ duration_ts: samples });
      expect(Buffer.compare(await decodedSound(path), await decodedSound(short.path))).toBe(0);
    }
  });

  test("is rejected if packets or samples do not match the index", () => {
    const { hash, index } = sound;
    expect(() => layOutAudio({ hash, index: { ...index, truePeakDbtp: 0.5 } }, {})).toThrow("true peak is 0.50 dBTP");
    expect(() => layOutAudio({ hash, index: { ...index, sizes: index.sizes.slice(0, 9) } }, {})).toThrow(
      "fewer packets",
    );
  });
});
