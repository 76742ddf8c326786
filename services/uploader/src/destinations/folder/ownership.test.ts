import { copyFile, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Place } from "../destination.js";
import { ownerKey } from "../receipt.js";
import { pieceSource } from "../source.js";
import { FolderDestination } from "./folder-destination.js";

let folder: string;
let root: string;
let destination: FolderDestination;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-ownership-"));
  root = join(folder, "out");
  await mkdir(root);
  destination = new FolderDestination(root);
});
afterEach(() => rm(folder, { recursive: true }));

const never = { signal: new AbortController().signal };
const spring = { tenant: "default", name: "spring" };
const autumn = { tenant: "default", name: "autumn" };
const place = (other: Partial<Place> = {}): Place => ({
  ...{ batchId: "b1", attempt: 1, owner: spring, overwrite: false, folder: ".", fileName: "a.mp4" },
  ...other,
});
const put = (text: string, other: Partial<Place> = {}) =>
  destination.put(
    pieceSource(() => [text]),
    place(other),
    never,
  );
const shown = (name = "a.mp4") => readFile(join(root, name), "utf8");
const identity = async (name = "a.mp4") => {
  const { ino, mtimeNs } = await lstat(join(root, name), { bigint: true });
  return { ino, mtimeNs };
};
/** All files in the folder, including receipts and incomplete files. */
const everything = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((one) => !one.isDirectory())
    .map((one) => one.name);
it("does not rewrite identical bytes whose receipt has another content hash", async () => {
  await put("one");
  const before = await identity();
  const receipts = join(root, ".polyreel", ownerKey(spring), "a.mp4");
  const receipt = JSON.parse(await readFile(receipts, "utf8"));
  await writeFile(receipts, JSON.stringify({ ...receipt, content: "of another release" }));
  await put("one", { batchId: "b2" });
  expect(await identity()).toEqual(before);
  expect(JSON.parse(await readFile(receipts, "utf8"))).toEqual({ ...receipt, batchId: "b2" });
});

it("neither overwrites nor removes a file of another tenant's batch with the same name", async () => {
  await put("x", { owner: { tenant: "acme", name: "spring" }, folder: "tenants/acme", batchId: "b0" });
  await copyFile(join(root, "tenants/acme/a.mp4"), join(root, "a.mp4"));
  await writeFile(join(root, "a.mp4"), "precious");
  const before = await identity();
  await expect(put("mine")).rejects.toMatchObject({
    code: "conflict",
    failure: { reason: expect.stringContaining("a.mp4"), remedy: expect.stringContaining("--overwrite") },
  });
  expect([await identity(), await shown()]).toEqual([before, "precious"]);
  expect(await destination.remove("a.mp4", "b1")).not.toBe("removed");
  expect(await shown()).toBe("precious");
  expect((await everything()).filter((name) => name.startsWith("."))).toEqual([]);
  await put("mine", { overwrite: true });
  expect(await shown()).toBe("mine");
  await put("mine too", { batchId: "b2" }); // It belongs to spring now.
});

it("never loses foreign files that appear at any moment during a hundred deliveries", async () => {
  for (let i = 0; i < 100; i++) {
    const fileName = `${i}.mp4`;
    const mine = put("mine", { fileName }).then(
      () => "delivered",
      () => "refused",
    );
    const theirs = new Promise((resolve) => setTimeout(resolve, (i % 10) / 4))
      .then(() => writeFile(join(root, fileName), "precious", { flag: "wx" }))
      .then(
        () => "precious",
        () => "late",
      );
    const [became, was] = await Promise.all([mine, theirs]);
    expect([became, was, await shown(fileName)]).toSatisfy(
      ([a, b, c]) =>
        (a === "delivered" && b === "late" && c === "mine") ||
        (a === "refused" && b === "precious" && c === "precious"),
    );
  }
});

it("recognises the file of a killed process, and corrects its receipt", async () => {
  await put("one");
  const path = join(root, "a.mp4");
  const later = new Date(Date.now() + 5000);
  await utimes(path, later, later); // Like a delivery by another process between receipt and file.
  const before = await identity();
  await put("one");
  expect(await identity()).toEqual(before);
  expect(await destination.remove("a.mp4", "b1")).toBe("removed");
  expect(await everything()).toEqual([]);
});

it("takes over an identical file of a release without receipts", async () => {
  await writeFile(join(root, "a.mp4"), "one");
  const before = await identity();
  await put("one");
  expect(await identity()).toEqual(before);
});

it("follows no link from one tenant to another", async () => {
  const acme = { tenant: "acme", name: "spring" };
  await put("theirs", { owner: acme, folder: "tenants/acme/spring" });
  await symlink("tenants/acme/spring", join(root, "link"));
  await mkdir(join(root, "tenants/other"));
  await symlink("../acme/spring", join(root, "tenants/other/link"));
  for (const [owner, below] of [
    [spring, "link"],
    [{ tenant: "other", name: "spring" }, "tenants/other/link"],
  ] as const) {
    await expect(put("mine", { owner, folder: below, overwrite: true })).rejects.toMatchObject({ code: "invalid" });
  }
  expect(await shown("tenants/acme/spring/a.mp4")).toBe("theirs");
});

it("writes no receipt through a link", async () => {
  await mkdir(join(folder, "elsewhere"));
  await symlink(join(folder, "elsewhere"), join(root, ".polyreel"));
  await expect(put("mine")).rejects.toMatchObject({ code: "conflict" });
  expect(await readdir(join(folder, "elsewhere"))).toEqual([]);
});

it("lists foreign files before a delivery, and none in an empty folder", async () => {
  const about = place();
  expect(await destination.foreign(about, ["a.mp4"])).toBeUndefined();
  await put("x", { owner: autumn });
  await put("x", { fileName: "b.mp4", batchId: "b0" });
  await writeFile(join(root, "c.mp4"), "precious");
  await mkdir(join(root, "d.mp4"));
  expect(await destination.foreign(about, ["a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4"])).toEqual([
    { name: "a.mp4", batch: "autumn" },
    { name: "c.mp4", batch: "" },
  ]);
});
