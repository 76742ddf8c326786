import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import type { ManifestRow } from "@polyreel/spec/rows";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ConfiguredDestinations } from "./destinations/configured/configured-destinations.js";
import { parseSettings } from "./destinations/configured/parse-settings.js";
import { Destinations } from "./destinations/destinations.js";
import { FolderDestination } from "./destinations/folder/folder-destination.js";
import type { Outcome, Step } from "./manifest/outcome.js";
import { onBatchFinished } from "./on-batch-finished.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "polyreel-finished-"));
});
afterEach(() => rm(root, { recursive: true }));

/** A folder's visible entries. */
const visible = async (folder: string) => (await readdir(folder)).filter((name) => name !== ".polyreel").sort();

const STATUS: Record<Step, ManifestRow["status"]> = {
  planned: "cancelled",
  failed: "failed",
  rejected: "rejected",
  delivered: "delivered",
};

function outcome(position: number, step: Step = "delivered", attempt = 1, folder = "."): Outcome {
  const row: ManifestRow = {
    id: `id${position}`,
    output: "video",
    status: STATUS[step],
    choices: { hook: `h${position}`, headline: `try ${attempt}, "quoted"` },
    ...(step === "delivered" && { file: `${position}.mp4` }),
  };
  return { position, attempt, step, folder, row };
}

async function finish(outcomes: Iterable<Outcome>, folder = ".") {
  async function* all() {
    yield* outcomes;
  }
  const owner = { tenant: "default", name: "spring" };
  const batch = {
    ...{ batchId: "b1", batch: create(BatchSchema) },
    folders: [{ path: folder, overwrite: false }],
    owner,
    outcomes: all(),
  };
  await onBatchFinished(batch, new FolderDestination(root), new AbortController().signal);
  const lines = (await readFile(join(root, folder, "manifest.jsonl"), "utf8")).trimEnd().split("\n");
  const csv = (await readFile(join(root, folder, "manifest.csv"), "utf8")).trimEnd().split("\r\n");
  return { rows: lines.map((line) => JSON.parse(line) as ManifestRow), csv };
}

it("lists all combinations in the batch's order", async () => {
  const { rows, csv } = await finish(
    [3, 0, 2, 1].map((ordinal) => outcome(ordinal, "delivered", 1, "spring/sale")),
    "spring/sale",
  );
  expect(rows.map(({ id }) => id)).toEqual(["id0", "id1", "id2", "id3"]);
  expect(csv).toHaveLength(5);
  expect(csv[0]).toMatch(/^\uFEFFhook,headline,file,poster,seconds,loudness,status,reason,changed,output,id$/);
  expect(csv[3]).toMatch(/^h2,"try 1, ""quoted""",2\.mp4,,,,delivered,,,video,id2$/);
  expect(await visible(join(root, "spring", "sale"))).toEqual(["manifest.csv", "manifest.jsonl"]);
});

it("uses the newest attempt, and within an attempt the furthest step", async () => {
  const { rows } = await finish([
    outcome(0, "delivered", 1),
    outcome(0, "failed", 1),
    outcome(1, "failed", 1),
    outcome(1, "delivered", 2),
    outcome(2, "failed", 2),
    outcome(2, "delivered", 1),
    outcome(3, "failed"),
    outcome(3, "planned"),
    outcome(4, "planned"),
    outcome(5, "rejected"),
    outcome(5, "planned"),
    outcome(6, "delivered", 3),
    outcome(6, "rejected", 2),
  ]);
  expect(rows.map(({ id, status }) => [id, status])).toEqual([
    ["id0", "delivered"],
    ["id1", "delivered"],
    ["id2", "failed"],
    ["id3", "failed"],
    ["id4", "cancelled"],
    ["id5", "rejected"],
    ["id6", "delivered"],
  ]);
});

it("lists outputs of another folder there, without changing their rows here", async () => {
  const elsewhere = [outcome(0, "delivered", 2, "best"), outcome(2, "failed", 2, "best")];
  const nowhere = { ...outcome(1, "failed", 2, "../outside") };
  const { rows } = await finish([outcome(0), outcome(1), outcome(2), ...elsewhere, nowhere]);
  expect(rows.map(({ id, status }) => [id, status])).toEqual([0, 1, 2].map((i) => [`id${i}`, "delivered"]));
  expect(await visible(join(root, "best"))).toEqual(["manifest-b1.csv", "manifest-b1.jsonl"]);
  const there = await readFile(join(root, "best", "manifest-b1.jsonl"), "utf8");
  expect(
    there
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as ManifestRow).status),
  ).toEqual(["delivered", "failed"]);
});

it("replaces the previous manifest, and removes leftovers of dead uploaders", async () => {
  await finish([outcome(0), outcome(1)]);
  await writeFile(join(root, ".b1-leftover"), "half");
  const { rows } = await finish([outcome(0)]);
  expect(rows).toHaveLength(1);
  expect(await visible(root)).toEqual(["manifest.csv", "manifest.jsonl"]);
});

it("keeps a foreign or changed manifest, and uses the alternative name", async () => {
  await finish([outcome(0)]);
  await writeFile(join(root, "manifest.csv"), "with notes");
  await finish([outcome(0), outcome(1)]);
  expect(await visible(root)).toEqual(["manifest-b1.csv", "manifest.csv", "manifest.jsonl"]);
  expect(await readFile(join(root, "manifest.csv"), "utf8")).toBe("with notes");
  expect((await readFile(join(root, "manifest-b1.csv"), "utf8")).trimEnd().split("\r\n")).toHaveLength(3);
});

it("writes no manifest for a batch cancelled before planning", async () => {
  await expect(finish([])).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readdir(root)).toEqual([]);
});

it.each([
  ["nearly in order", (i: number, count: number) => (i + (i % 7) * 7) % count],
  ["in no order", (i: number, count: number) => (i * 7919) % count],
])("sorts a large batch %s", async (_title, position) => {
  const count = 7 * 3001;
  const ordinals = new Set(Array.from({ length: count }, (_, i) => position(i, count)));
  const { rows, csv } = await finish(Array.from(ordinals, (ordinal) => outcome(ordinal)));
  expect(rows.map(({ id }) => id)).toEqual(
    Array.from(ordinals, (ordinal) => ordinal)
      .sort((a, b) => a - b)
      .map((i) => `id${i}`),
  );
  expect(csv).toHaveLength(ordinals.size + 1);
});

it("writes the other manifests if a destination is away, and then fails only if files of the batch are there", async () => {
  const settings = parseSettings(join(root, "d.yaml"), "archive: {type: folder, path: unmounted}");
  const open = () => new FolderDestination(join(root, "unmounted"), { created: false });
  const configured = new ConfiguredDestinations({ current: async () => settings }, open);
  const destinations = new Destinations(new FolderDestination(join(root, "out")), configured);
  const finishing = (step: Step) => {
    async function* outcomes() {
      yield outcome(0, step, 1, "archive:/spring");
      yield outcome(1, "delivered", 1, "spring");
    }
    const folders = ["archive:/spring", "spring"].map((path) => ({ path, overwrite: false }));
    const batch = {
      batchId: "b1",
      batch: create(BatchSchema),
      folders,
      owner: { tenant: "default", name: "spring" },
      outcomes: outcomes(),
    };
    return onBatchFinished(batch, destinations, new AbortController().signal);
  };
  expect(await finishing("failed")).toEqual(["spring"]);
  expect(await visible(join(root, "out/spring"))).toEqual(["manifest.csv", "manifest.jsonl"]);
  await rm(join(root, "out"), { recursive: true });
  await expect(finishing("delivered")).rejects.toMatchObject({
    ...{ code: "unavailable", failure: { reason: `The output folder ${join(root, "unmounted")} is not mounted.` } },
  });
  expect(await visible(join(root, "out/spring"))).toEqual(["manifest.csv", "manifest.jsonl"]);
});
