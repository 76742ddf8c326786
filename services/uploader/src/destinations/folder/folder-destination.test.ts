import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Place } from "../destination.js";
import { pieceSource } from "../source.js";
import { FolderDestination } from "./folder-destination.js";

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-destination-"));
  root = join(folder, "out");
});
afterEach(() => rm(folder, { recursive: true }));

const never = { signal: new AbortController().signal };
const text = (...pieces: string[]) => pieceSource(() => pieces);
const owner = { tenant: "default", name: "spring" };
const place = (folder: string, fileName = "a.txt", other: Partial<Place> = {}): Place => ({
  ...{ batchId: "b1", attempt: 1, owner, overwrite: false, folder, fileName },
  ...other,
});
/** A folder's visible entries. */
const visible = async (folder: string) => (await readdir(folder)).filter((name) => name !== ".polyreel").sort();

it("refuses a folder outside the root by a symbolic link, and creates nothing there", async () => {
  await mkdir(join(folder, "elsewhere"));
  await mkdir(root);
  await symlink(join(folder, "elsewhere"), join(root, "link"));
  const destination = new FolderDestination(root);
  for (const below of ["link", "link/deeper"]) {
    await expect(destination.put(text("x"), place(below), never)).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringContaining("outside") },
    });
  }
  expect(await readdir(join(folder, "elsewhere"))).toEqual([]);
});

it("never writes through a symbolic link, and replaces one only with overwrite", async () => {
  await writeFile(join(folder, "precious"), "precious");
  await mkdir(root);
  await symlink(join(folder, "precious"), join(root, "a.txt"));
  const destination = new FolderDestination(root);
  await expect(destination.put(text("x"), place("."), never)).rejects.toMatchObject({ code: "conflict" });
  await destination.put(text("x"), place(".", "a.txt", { overwrite: true }), never);
  expect(await readFile(join(folder, "precious"), "utf8")).toBe("precious");
  expect(await readFile(join(root, "a.txt"), "utf8")).toBe("x");
});

it("follows links within the root, and a root that is a link", async () => {
  await mkdir(join(folder, "disk", "2024"), { recursive: true });
  await symlink("disk", root);
  await symlink("2024", join(folder, "disk", "latest"));
  await new FolderDestination(root).put(text("x"), place("latest"), never);
  expect(await readFile(join(folder, "disk", "2024", "a.txt"), "utf8")).toBe("x");
});

it("reports a file in place of the folder", async () => {
  await writeFile(root, "");
  await expect(new FolderDestination(root).put(text("x"), place("."), never)).rejects.toMatchObject({
    code: "conflict",
    outage: false,
    failure: { reason: expect.stringContaining(root), remedy: expect.stringContaining("another folder") },
  });
});

it("reports a folder with the file's name", async () => {
  await mkdir(join(root, "a.txt"), { recursive: true });
  await expect(new FolderDestination(root).put(text("x"), place("."), never)).rejects.toMatchObject({
    code: "conflict",
    outage: false,
    failure: { reason: expect.stringContaining("a folder lies there") },
  });
  expect(await readdir(root)).toEqual(["a.txt"]);
});

it("reports missing write permission", async (context) => {
  if (process.getuid?.() === 0) context.skip("root may write anyway");
  await mkdir(root);
  await chmod(root, 0o500);
  const written = new FolderDestination(root).put(text("x"), place("."), never);
  await expect(written).rejects.toMatchObject({
    code: "unavailable",
    failure: { reason: expect.stringContaining("permission is denied") },
  });
});

it("removes only leftovers of a batch's dead uploaders", async () => {
  const destination = new FolderDestination(root);
  /** Imitates a killed process: leaves a copy under a hidden name of the same form. */
  async function* interrupted(): AsyncGenerator<string> {
    yield "half";
    const hidden = (await visible(root)).filter((name) => name.startsWith(".") && !name.endsWith("left"));
    for (const name of hidden) await writeFile(join(root, `${name}left`), "half");
  }
  await destination.put(pieceSource(interrupted), place("."), never);
  await destination.put(pieceSource(interrupted), { ...place("."), batchId: "b12" }, never);
  await writeFile(join(root, ".b1"), "the user's");
  expect(await visible(root)).toHaveLength(4);
  await destination.removeLeftovers({ batchId: "b1", folder: "." });
  const left = await visible(root);
  expect(left).toHaveLength(3);
  expect(left).toEqual([".b1", expect.stringMatching(/^\.b12-/), "a.txt"]);
});

it("reports when a batch's folder was replaced", async () => {
  const destination = new FolderDestination(root);
  const puts = [];
  puts.push(await destination.put(text("x"), place("a/b"), never)); // Created.
  puts.push(await destination.put(text("x"), place("a/b"), never));
  await rm(join(root, "a"), { recursive: true });
  puts.push(await destination.put(text("x"), place("a/b"), never)); // Created again.
  await rename(join(root, "a"), join(root, "aside"));
  await mkdir(join(root, "a", "b"), { recursive: true });
  puts.push(await destination.put(text("x"), place("a/b"), never)); // Replaced by a user.
  puts.push(await destination.put(text("x"), place("a/b"), never));
  expect(puts.map(({ newFolder }) => newFolder)).toEqual(["a/b", undefined, "a/b", "a/b", undefined]);
  expect(await destination.has("a/b/a.txt")).toBe(true);
  expect(await destination.has("a/c/a.txt")).toBe(false);
});

it("reports a folder in a file's place and a missing output folder when it removes", async () => {
  const destination = new FolderDestination(root);
  await expect(destination.remove("a/b.mp4", "b1")).rejects.toMatchObject({
    code: "unavailable",
    failure: { reason: `The output folder ${root} is not mounted.` },
  });
  await mkdir(join(root, "a", "b.mp4"), { recursive: true });
  await expect(destination.remove("a/b.mp4", "b1")).rejects.toMatchObject({
    code: "conflict",
    failure: { reason: `Cannot remove ${join(root, "a/b.mp4")}: a folder lies there.` },
  });
  await destination.remove("c/b.mp4", "b1");
  expect(await readdir(root)).toEqual(["a"]);
});
