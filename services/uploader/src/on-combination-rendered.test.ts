import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clone, create } from "@bufbuild/protobuf";
import {
  type CombinationRendered,
  CombinationRenderedSchema,
  CombinationSchema,
  joinOf,
  renderedPlan,
  TargetSchema,
} from "@polyreel/contract";
import { runFfprobe } from "@polyreel/media/ffmpeg";
import { certify, layOut, tagsOf } from "@polyreel/media/join";
import { encodeClip, encodeSound } from "@polyreel/media/testing";
import { PartStore } from "@polyreel/parts";
import type { Store } from "@polyreel/platform/blobs";
import { openFolderStore, readBytes } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FolderDestination } from "./destinations/folder/folder-destination.js";
import { unreceipted } from "./destinations/folder/unreceipted.js";
import { deliverOutput } from "./on-combination-rendered.js";

let folder: string;
let store: Store;
let rendered: CombinationRendered;
let out: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-deliver-"));
  out = join(folder, "out");
  store = await openFolderStore(join(folder, "store"));
  const parts = new PartStore(store);
  const clips = await Promise.all(
    [5, 7].map((frames) => encodeClip(folder, `clip${frames}`, { source: "testsrc2=s=64x64:r=30", frames })),
  );
  const sound = await encodeSound(folder, "sound", { source: "sine=f=440:r=48000", samples: 12 * 1600 });
  for (const { hash, payload, index } of clips) {
    await parts.put("clip", hash, payload, { kind: { case: "clip", value: index } });
  }
  await parts.put("sound", sound.hash, sound.payload, { kind: { case: "sound", value: sound.index } });
  const combination = create(CombinationSchema, {
    id: "abc",
    ordinal: 5n,
    fileName: "friday.mp4",
    choices: [{ block: "hook", choice: "friday" }],
    clips: clips.map(({ hash }) => ({ hash, block: "hook", choice: "friday" })),
    soundHash: sound.hash,
  });
  rendered = create(CombinationRenderedSchema, {
    batchId: "b1",
    attempt: 2,
    target: { folder: "spring" },
    combination,
    certificate: certify(clips, sound, layOut(clips, sound, tagsOf(combination))),
  });
});
afterAll(() => rm(folder, { recursive: true }));

const deliver = async (fact: CombinationRendered, parts = new PartStore(store)) => {
  const [target = create(TargetSchema)] = renderedPlan(fact).targets;
  const { fact: delivered } = await deliverOutput(
    fact,
    target,
    { store, parts, destination: new FolderDestination(out) },
    { signal: new AbortController().signal, traceId: "0af7" },
  );
  return delivered;
};

const changed = (change: (fact: CombinationRendered) => void): CombinationRendered => {
  const fact = clone(CombinationRenderedSchema, rendered);
  change(fact);
  return fact;
};

it("writes the certified video, and returns its path", async () => {
  const delivered = await deliver(rendered);
  expect(delivered).toMatchObject({
    batchId: "b1",
    attempt: 2,
    combinationId: "abc",
    ordinal: 5n,
    choices: [{ block: "hook", choice: "friday" }],
    path: "spring/friday.mp4",
    urlPath: "/outputs/b1/abc/friday.mp4",
    traceId: "0af7",
    certificate: { operation: { case: "join", value: { frames: 12n } } },
  });
  expect((await stat(join(out, delivered.path))).size).toBe(Number(rendered.certificate?.sizeBytes));
  const bounds = { signal: AbortSignal.timeout(20_000), deadlineSeconds: 20, maxOutputBytes: 1 << 20 };
  const count = ["-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-of", "csv=p=0"];
  const shown = await runFfprobe([...count, join(out, delivered.path)], bounds);
  expect(shown.trim().split("\n")).toEqual(["h264,12", expect.stringMatching(/^aac,/)]);
});

it("delivers a virtual output as a URL, without using parts or the folder", async () => {
  const fact = changed(({ target }) => Object.assign(target ?? {}, { folder: "virtual", virtual: true }));
  const parts = new PartStore(await openFolderStore(join(folder, "empty")));
  expect(await deliver(fact, parts)).toMatchObject({
    combinationId: "abc",
    path: "",
    picturePaths: [],
    urlPath: "/outputs/b1/abc/friday.mp4",
    certificate: rendered.certificate,
  });
  await expect(stat(join(out, "virtual"))).rejects.toMatchObject({ code: "ENOENT" });
});

it("names the output whose file would replace a foreign one", async () => {
  const fact = changed((rendered) => {
    rendered.output = 2;
    Object.assign(rendered.target ?? {}, { folder: "taken" });
  });
  await mkdir(join(out, "taken"), { recursive: true });
  await writeFile(join(out, "taken", "friday.mp4"), "a person's");
  await expect(deliver(fact)).rejects.toMatchObject({
    code: "conflict",
    failure: { field: "outputs[2].to", reason: expect.stringContaining("another program or user wrote it") },
  });
});

it("keeps an identical file on a repeated delivery", async () => {
  const path = join(out, "spring", "friday.mp4");
  await deliver(rendered);
  const before = await readFile(path);
  await deliver(rendered);
  expect(await readFile(path)).toEqual(before);
  expect(await readdir(join(out, "spring"))).toEqual([".polyreel", "friday.mp4"]);
});

it("writes the same file from concurrent uploaders", async () => {
  await deliver(rendered);
  const before = await readFile(join(out, "spring", "friday.mp4"));
  await Promise.all(Array.from({ length: 8 }, () => deliver(rendered)));
  expect(await readFile(join(out, "spring", "friday.mp4"))).toEqual(before);
  expect(await readdir(join(out, "spring"))).toEqual([".polyreel", "friday.mp4"]);
});

it("recognises only certified files of a release without receipts", async () => {
  const fact = changed(({ target }) => Object.assign(target ?? {}, { folder: "old" }));
  const destination = new FolderDestination(out);
  const delivered = await deliver(fact);
  const poster = "old/friday.jpg"; // Delivered before the video, in the same folder.
  await writeFile(join(out, poster), "JPEG");
  await rm(join(out, "old", ".polyreel"), { recursive: true });
  const remove = (path: string) => destination.remove(path, "b1", unreceipted(delivered));
  const [size, later] = [Number(rendered.certificate?.sizeBytes), new Date(Date.now() + 60_000)];
  await utimes(join(out, poster), later, later);
  expect(await remove(poster)).toBe("changed");
  await utimes(join(out, poster), 0, 0);
  expect(await remove(poster)).toBe("removed");
  const video = await readFile(join(out, delivered.path));
  await writeFile(join(out, delivered.path), Buffer.alloc(size));
  expect(await remove(delivered.path)).toBe("changed");
  await writeFile(join(out, delivered.path), video);
  expect(await remove(delivered.path)).toBe("removed");
  expect(await readdir(join(out, "old"))).toEqual([]);
});

it.each<[string, (fact: CombinationRendered) => void]>([
  ["another header", (fact) => Object.assign(joinOf(fact.certificate) ?? {}, { headerSha256: "0".repeat(64) })],
  ["another size", (fact) => Object.assign(fact.certificate ?? {}, { sizeBytes: 1n })],
  ["another order of clips", (fact) => void fact.combination?.clips.reverse()],
  ["no sound", (fact) => Object.assign(fact.combination ?? {}, { soundHash: "" })],
  ["no certificate", (fact) => delete fact.certificate],
])("never delivers an output that does not match its certificate: %s", async (_title, change) => {
  const fact = changed((copy) => {
    change(copy);
    if (copy.target) copy.target.folder = "never";
  });
  await expect(deliver(fact)).rejects.toMatchObject({ code: "internal" });
  await expect(stat(join(out, "never"))).rejects.toMatchObject({ code: "ENOENT" });
});

it("throws a retryable error if a part is missing", async () => {
  const fact = changed(({ combination }) => Object.assign(combination?.clips[0] ?? {}, { hash: "f".repeat(64) }));
  await expect(deliver(fact)).rejects.toMatchObject({ code: "unavailable", retryable: true });
});

it("delivers nothing of a damaged part", async () => {
  const hash = rendered.combination?.soundHash ?? "";
  const payload = await readBytes(store, `parts/sound/${hash}`);
  const index = await readBytes(store, `parts/sound/${hash}.index`);
  const damaged = Buffer.from(payload);
  damaged[100] = (damaged[100] ?? 0) ^ 1;
  await store.put(`parts/sound/${hash}`, damaged);
  const fact = changed(({ target }) => Object.assign(target ?? {}, { folder: "damaged" }));
  await expect(deliver(fact)).rejects.toMatchObject({ code: "unavailable" });
  // The created folder is removed, too.
  await expect(stat(join(out, "damaged"))).rejects.toMatchObject({ code: "ENOENT" });
  await store.put(`parts/sound/${hash}`, payload);
  await store.put(`parts/sound/${hash}.index`, index);
});
