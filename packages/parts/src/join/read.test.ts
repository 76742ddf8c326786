import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Layout, layOut, readLayout, writeLayout } from "@polyreel/media/join";
import { encodeClip, encodeSound } from "@polyreel/media/testing";
import { openFolderStore, type Store } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PartStore } from "../part-store.js";

let folder: string;
let store: Store;
let layout: Layout;
let file: Buffer;
/** One store keeps payloads in memory, the other one reads them by ranges. */
let stores: PartStore[];

const LENGTHS = [40, 1, 25, 2];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-"));
  store = await openFolderStore(join(folder, "store"));
  stores = [new PartStore(store), new PartStore(store, { cachedPayloadBytes: 1000 })];
  const parts = new PartStore(store);
  const clips = [];
  for (const [i, frames] of LENGTHS.entries()) {
    const clip = await encodeClip(folder, `clip${i}`, {
      source: "testsrc2=s=180x320:r=30,noise=alls=60:allf=t",
      frames,
    });
    await parts.put("clip", clip.hash, clip.payload, { kind: { case: "clip", value: clip.index } });
    clips.push(clip);
  }
  const samples = LENGTHS.reduce((sum, frames) => sum + frames, 0) * 1600;
  const sound = await encodeSound(folder, "sound", { source: "sine=f=440:r=48000", samples });
  await parts.put("sound", sound.hash, sound.payload, { kind: { case: "sound", value: sound.index } });
  layout = layOut(clips, sound, { hook: "friday" });
  await writeLayout(layout, parts, join(folder, "written.mp4"));
  file = await readFile(join(folder, "written.mp4"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(parts: PartStore, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLayout(layout, parts, start, end)) {
    expect(chunk.length).toBeGreaterThan(0);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("reading everything gives the written file's bytes", async () => {
  expect(file.length).toBe(layout.sizeBytes);
  // At least one part is larger than one read.
  expect(Math.max(...layout.segments.map(({ start, end }) => end - start))).toBeGreaterThan(256 << 10);
  for (const parts of stores) expect(sha256(await read(parts, 0, layout.sizeBytes))).toBe(sha256(file));
});

test("every range equals that slice of the written file", async () => {
  const { length } = layout.header;
  const [first] = layout.segments;
  const second = length + (first ? first.end - first.start : 0);
  const borders = [0, 1, length - 1, length, length + 1, second - 1, second, second + 1, file.length - 1, file.length];
  const ranges = borders.flatMap((start) => borders.filter((end) => end >= start).map((end) => [start, end] as const));
  // A linear congruential generator, so that every run is the same.
  let state = 7;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  for (let i = 0; i < 200; i++) {
    const start = Math.floor(random() * file.length);
    ranges.push([start, start + Math.floor(random() ** 3 * (file.length - start + 1))]);
  }
  for (const parts of stores) {
    for (const [start, end] of ranges) {
      const bytes = await read(parts, start, end);
      if (!bytes.equals(file.subarray(start, end))) expect.fail(`bytes ${start} to ${end} differ`);
    }
  }
});

test("a layout of a stored object without parts is read by ranges and written", async () => {
  const key = "outputs/b/sound";
  const bytes = file.subarray(0, 700_001);
  await store.put(key, bytes);
  const [parts] = stores as [PartStore];
  const ofFile: Layout = {
    header: Buffer.alloc(0),
    segments: [{ kind: "file", hash: sha256(bytes), key, start: 0, end: bytes.length }],
    sizeBytes: bytes.length,
  };
  const ranges = [[0, bytes.length] as const, [255_999, 600_000] as const, [700_000, 700_001] as const];
  for (const [start, end] of ranges) {
    const chunks: Buffer[] = [];
    for await (const chunk of readLayout(ofFile, parts, start, end)) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes.subarray(start, end))).toBe(true);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(256 << 10);
  }
  await writeLayout(ofFile, parts, join(folder, "copy.m4a"));
  expect((await readFile(join(folder, "copy.m4a"))).equals(bytes)).toBe(true);

  await store.put(key, bytes.subarray(1)); // cut short
  const again = () => writeLayout(ofFile, parts, join(folder, "again.m4a"));
  await expect(again()).rejects.toMatchObject({ code: "unavailable" });
  await store.remove([key]);
  await expect(again()).rejects.toMatchObject({ code: "unavailable", outage: false });
});
