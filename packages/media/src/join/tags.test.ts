import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeClip } from "../testing/encode-parts.js";
import { layOut } from "./layout.js";
import { readTags } from "./read-tags.js";
import { tagsBox } from "./tags.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-tags-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("writes tags that ffprobe reads, without affecting decoding", async () => {
  const { hash, payload, index } = await encodeClip(folder, "clip", { source: "testsrc2=s=64x64:r=30", frames: 5 });
  const tags = { title: "Frühling ☀", hook: "a=b;c", "hook.sku": "4711" };
  const { header } = layOut([{ hash, index }], undefined, tags);
  const path = join(folder, "tagged.mp4");
  await writeFile(path, Buffer.concat([header, payload]));
  const args = [
    "-v",
    "error",
    "-count_frames",
    "-show_entries",
    "format_tags:stream=nb_read_frames",
    "-of",
    "json",
    path,
  ];
  const { stdout } = await promisify(execFile)("ffprobe", args);
  const { format, streams } = JSON.parse(stdout);
  expect(format.tags).toMatchObject(tags);
  expect(streams[0].nb_read_frames).toBe("5");
  expect(readTags(header)).toEqual(tags);
});

it("reads an empty object if there are none", async () => {
  const { hash, index } = await encodeClip(folder, "plain", { source: "testsrc2=s=64x64:r=30", frames: 2 });
  expect(readTags(layOut([{ hash, index }], undefined, {}).header)).toEqual({});
  expect(readTags(Buffer.from("not a video"))).toEqual({});
});

it("is empty without tags, and independent of their order", () => {
  expect(tagsBox({})).toHaveLength(0);
  expect(tagsBox({ a: "1", b: "2" })).toEqual(tagsBox({ b: "2", a: "1" }));
});
