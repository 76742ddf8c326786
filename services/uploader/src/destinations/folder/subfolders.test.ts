import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Place } from "../destination.js";
import { pieceSource } from "../source.js";
import { FolderDestination } from "./folder-destination.js";

let folder: string;
let root: string;
let destination: FolderDestination;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-subfolders-"));
  root = join(folder, "out");
  destination = new FolderDestination(root);
});
afterEach(() => rm(folder, { recursive: true }));

const never = { signal: new AbortController().signal };
const spring = { tenant: "default", name: "spring" };
const autumn = { tenant: "default", name: "autumn" };
const place = (fileName: string, other: Partial<Place> = {}): Place => ({
  ...{ batchId: "b1", attempt: 1, owner: spring, overwrite: false, folder: "sale", fileName },
  ...other,
});
const put = (text: string, fileName: string, other: Partial<Place> = {}) =>
  destination.put(
    pieceSource(() => [text]),
    place(fileName, other),
    never,
  );
/** All paths below the root, without receipts. */
const visible = async () =>
  (await readdir(root, { recursive: true })).filter((path) => !path.includes(".polyreel")).sort();
const dropped = async (batchId: string, owner = spring) => {
  const paths: string[] = [];
  for await (const { path } of destination.dropped("sale", owner, new Set([batchId]))) paths.push(path);
  return paths.sort();
};

it("writes a file into subfolders, and returns its full path", async () => {
  expect(await put("one", "de/hero/a.mp4")).toEqual({ path: "sale/de/hero/a.mp4", newFolder: "sale", isKept: false });
  expect(await readFile(join(root, "sale/de/hero/a.mp4"), "utf8")).toBe("one");
  expect(await destination.has("sale/de/hero/a.mp4")).toBe(true);
});

it("refuses subfolders that leave the folder by a link, and those of other tenants", async () => {
  await mkdir(join(root, "sale"), { recursive: true });
  await mkdir(join(folder, "elsewhere"));
  await symlink(join(folder, "elsewhere"), join(root, "sale", "link"));
  await expect(put("x", "link/deeper/a.mp4")).rejects.toMatchObject({ code: "invalid" });
  await expect(async () => put("x", "Tenants/acme/a.mp4", { folder: "." })).rejects.toMatchObject({ code: "invalid" });
  expect(await readdir(join(folder, "elsewhere"))).toEqual([]);
});

it("keeps foreign files, and lists them at planning", async () => {
  await put("autumn's", "de/a.mp4", { owner: autumn, batchId: "b0" });
  await writeFile(join(root, "sale", "de", "b.mp4"), "precious");
  await writeFile(join(root, "sale", "fr"), "no folder");
  // Another batch's folder is a subfolder of this one's.
  await put("winter's", "c.mp4", { owner: { ...autumn, name: "winter" }, batchId: "b0", folder: "sale/it" });
  const { fileName: _, ...where } = place("");
  const names = ["de/a.mp4", "de/b.mp4", "de/new.mp4", "es/a.mp4", "fr/a.mp4", "it/c.mp4"];
  expect(await destination.foreign(where, names)).toEqual([
    { name: "de/a.mp4", batch: "autumn" },
    { name: "de/b.mp4", batch: "" },
    { name: "fr/a.mp4", batch: "" },
    { name: "it/c.mp4", batch: "winter" },
  ]);
  for (const name of ["de/a.mp4", "de/b.mp4", "fr/a.mp4", "it/c.mp4"])
    await expect(put("x", name)).rejects.toMatchObject({ code: "conflict" });
  expect(await readFile(join(root, "sale/de/b.mp4"), "utf8")).toBe("precious");
});

it("finds files that earlier batches with the name left in subfolders", async () => {
  await put("one", "de/a.mp4");
  await put("one", "de/deep/b.mp4");
  await put("one", "c.mp4");
  await put("one", "de/d.mp4", { owner: autumn, batchId: "b9" });
  await put("one", "de/a.mp4", { batchId: "b2" });
  expect(await dropped("b2")).toEqual(["sale/c.mp4", "sale/de/deep/b.mp4"]);
  expect(await destination.remove("sale/de/deep/b.mp4", "b1")).toBe("removed");
  await destination.removeEmptySubfolders("sale", "b2");
  expect(await visible()).toEqual(["sale", "sale/c.mp4", "sale/de", "sale/de/a.mp4", "sale/de/d.mp4"]);
  expect(await dropped("b2")).toEqual(["sale/c.mp4"]);
});

it("removes a batch's files and then-empty subfolders, but not those of others", async () => {
  await put("one", "de/a.mp4");
  await put("one", "de/deep/b.mp4");
  await put("two", "fr/c.mp4", { owner: autumn, batchId: "b9" });
  await put("two", "fr/d.mp4");
  await put("two", "de/changed.mp4");
  await writeFile(join(root, "sale/de/changed.mp4"), "changed since");
  await destination.removeAllOf({ folder: "sale", owner: spring, batchId: "b1" }, new Set(["sale/fr/d.mp4"]));
  await destination.removeRest("sale", ["manifest.jsonl"], "b1");
  const kept = ["sale", "sale/de", "sale/de/changed.mp4", "sale/fr", "sale/fr/c.mp4", "sale/fr/d.mp4"];
  expect(await visible()).toEqual(kept);
  await rm(join(root, "sale/de/changed.mp4"));
  await destination.removeAllOf({ folder: "sale", owner: spring, batchId: "b1" }, new Set());
  await destination.removeAllOf({ folder: "sale", owner: autumn, batchId: "b9" }, new Set());
  await destination.removeRest("sale", ["manifest.jsonl"], "b1");
  expect(await readdir(root)).toEqual([]);
});

it("removes leftovers of dead processes in subfolders", async () => {
  await put("one", "de/a.mp4");
  await writeFile(join(root, "sale", "de", ".b1-half"), "half");
  await writeFile(join(root, "sale", "de", ".b12-half"), "another batch's");
  await destination.removeLeftovers({ batchId: "b1", folder: "sale" });
  expect(await visible()).toEqual(["sale", "sale/de", "sale/de/.b12-half", "sale/de/a.mp4"]);
});

it("reports the highest replaced folder, with which files may be lost", async () => {
  const newFolders: (string | undefined)[] = [];
  const deliver = async (name: string) => newFolders.push((await put("x", name)).newFolder);
  await deliver("de/deep/a.mp4"); // All folders are created.
  await deliver("fr/a.mp4"); // Another one, which had no files.
  await rm(join(root, "sale", "de"), { recursive: true });
  await deliver("de/deep/a.mp4"); // Had files.
  await rename(join(root, "sale", "fr"), join(root, "aside"));
  await mkdir(join(root, "sale", "fr"));
  await deliver("fr/a.mp4"); // Replaced by a user.
  await rm(join(root, "sale"), { recursive: true });
  await deliver("fr/a.mp4");
  expect(newFolders).toEqual(["sale", undefined, "sale/de", "sale/fr", "sale"]);
});

it("does not report subfolders as replaced that concurrent deliveries create", async () => {
  await put("x", "a.mp4");
  const names = Array.from({ length: 60 }, (_, i) => `${Math.floor(i / 6)}/deep/${i}.mp4`);
  const puts = await Promise.all(names.map((name) => put("x", name)));
  expect(puts.flatMap(({ newFolder }) => newFolder ?? [])).toEqual([]);
  expect((await dropped("b2")).length).toBe(61);
});
