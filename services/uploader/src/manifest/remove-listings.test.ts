import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FolderDestination } from "../destinations/folder/folder-destination.js";
import { pieceSource } from "../destinations/source.js";
import { MANIFESTS } from "./names.js";
import { removeListings } from "./remove-listings.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "polyreel-listings-"));
});
afterEach(() => rm(root, { recursive: true }));

const { signal } = new AbortController();

async function write(folder: string, fileName: string, batchId = "b1", name = "spring"): Promise<void> {
  const place = { ...{ batchId, attempt: 0, overwrite: false, folder, fileName }, owner: { tenant: "default", name } };
  await new FolderDestination(root).put(
    pieceSource(() => ["listed"]),
    place,
    { signal },
  );
}

/** All paths in the root except receipts. */
const rest = async () =>
  (await readdir(root, { recursive: true })).filter((path) => !path.includes(".polyreel")).sort();

const remove = (...folders: string[]) => removeListings({ batchId: "b1", folders }, new FolderDestination(root));

it("removes nested folders in any order", async () => {
  for (const folder of ["final", "final/copies"]) for (const name of MANIFESTS) await write(folder, name);
  await remove("final", "final/copies");
  expect(await readdir(root)).toEqual([]);
});

it("removes manifests beside another batch's folder, which stays", async () => {
  for (const name of MANIFESTS) await write("final", name);
  await write("final/other", "a.mp4", "b2", "autumn");
  await remove("final");
  expect(await rest()).toEqual(["final", "final/other", "final/other/a.mp4"]);
  expect(await readdir(join(root, "final"))).toEqual(["other"]);
});

it("keeps a manifest beside remaining files", async () => {
  for (const name of MANIFESTS) await write("final", name);
  await write("final", "a.mp4");
  await remove("final");
  expect(await rest()).toEqual(["final", "final/a.mp4", ...MANIFESTS.map((name) => `final/${name}`).sort()]);
});
