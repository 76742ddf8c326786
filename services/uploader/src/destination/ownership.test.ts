import { copyFile, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Place } from "./destination.js";
import { FolderDestination } from "./folder-destination.js";
import { ownerKey } from "./receipt.js";

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
const put = (text: string, other: Partial<Place> = {}) => destination.write([text], place(other), never);
const shown = (name = "a.mp4") => readFile(join(root, name), "utf8");
const identity = async (name = "a.mp4") => {
  const { ino, mtimeNs } = await lstat(join(root, name), { bigint: true });
  return { ino, mtimeNs };
};
/** All that is in the folder, receipts and what is in the making too. */
const everything = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((one) => !one.isDirectory())
    .map((one) => one.name);
const dropped = async (batchId: string, owner = spring) => {
  const paths: string[] = [];
  for await (const { path } of destination.dropped(".", owner, new Set([batchId]))) paths.push(path);
  return paths.sort();
};

it("leaves an unchanged file as it is, and replaces a changed one, of a later batch of the same name", async () => {
  await put("one");
  await put("two", { fileName: "b.mp4" });
  const before = [await identity(), await identity("b.mp4")];
  await put("one", { batchId: "b2" });
  await put("other", { batchId: "b2", fileName: "b.mp4" });
  expect(await identity()).toEqual(before[0]);
  expect(await identity("b.mp4")).not.toEqual(before[1]);
  expect(await shown("b.mp4")).toBe("other");
  expect((await everything()).sort()).toEqual(["a.mp4", "a.mp4", "b.mp4", "b.mp4"]);
});

it("leaves a file as it is whose receipt fixes the same bytes in another way", async () => {
  await put("one");
  const before = await identity();
  const receipts = join(root, ".polyreel", ownerKey(spring), "a.mp4");
  const receipt = JSON.parse(await readFile(receipts, "utf8"));
  await writeFile(receipts, JSON.stringify({ ...receipt, content: "of another release" }));
  await put("one", { batchId: "b2" });
  expect(await identity()).toEqual(before);
  expect(JSON.parse(await readFile(receipts, "utf8"))).toEqual({ ...receipt, batchId: "b2" });
});

it.each<[string, () => Promise<unknown>]>([
  ["a person put there", () => writeFile(join(root, "a.mp4"), "precious")],
  ["another batch delivered", () => put("precious", { owner: autumn, batchId: "b0" })],
  [
    "another tenant's batch of that name delivered, were it there",
    async () => {
      await put("x", { owner: { tenant: "acme", name: "spring" }, folder: "tenants/acme", batchId: "b0" });
      await copyFile(join(root, "tenants/acme/a.mp4"), join(root, "a.mp4"));
      await writeFile(join(root, "a.mp4"), "precious");
    },
  ],
  [
    "a person changed after an earlier batch of that name",
    async () => {
      await put("x", { batchId: "b0" });
      await writeFile(join(root, "a.mp4"), "precious");
    },
  ],
])("neither writes over nor removes what %s", async (_title, prepare) => {
  await prepare();
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
  await put("mine too", { batchId: "b2" }); // it is spring's from then on
});

it("never writes over a file that appears while it writes its own", async () => {
  const intruder = async function* () {
    yield "mine";
    await writeFile(join(root, "a.mp4"), "precious");
  };
  await expect(destination.write(intruder(), place(), never)).rejects.toMatchObject({ code: "conflict" });
  // Nor as the next attempt, which finds what the one before left.
  await expect(put("mine", { attempt: 2 })).rejects.toMatchObject({ code: "conflict" });
  expect(await shown()).toBe("precious");
});

it("never loses what a hundred others put there at any moment", async () => {
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

it("finds what a killed process delivered, and mends its receipt", async () => {
  await put("one");
  const path = join(root, "a.mp4");
  const later = new Date(Date.now() + 5000);
  await utimes(path, later, later); // as a delivery by another process between receipt and file
  const before = await identity();
  await put("one");
  expect(await identity()).toEqual(before);
  expect(await destination.remove("a.mp4", "b1")).toBe("removed");
  expect(await everything()).toEqual([]);
});

it("delivers over a changed file again where the batch itself had delivered it", async () => {
  await put("one");
  await writeFile(join(root, "a.mp4"), "somebody wrote over it");
  await put("one", { attempt: 2 });
  expect(await shown()).toBe("one");
});

it("takes over what a release without receipts delivered, if it is the same", async () => {
  await writeFile(join(root, "a.mp4"), "one");
  const before = await identity();
  await put("one");
  expect(await identity()).toEqual(before);
});

it("lists what earlier batches of a name left, and removes only what is unchanged", async () => {
  for (const fileName of ["a.mp4", "b.mp4", "c.mp4", "d.mp4"]) await put(fileName, { batchId: "b0", fileName });
  await put("x", { owner: autumn, fileName: "e.mp4" });
  await put("a.mp4"); // unchanged: the new batch's too
  await writeFile(join(root, "c.mp4"), "edited");
  await rm(join(root, "d.mp4"));
  expect(await dropped("b1")).toEqual(["b.mp4"]);
  expect(await destination.remove("b.mp4", "b0")).toBe("removed");
  expect(await destination.remove("a.mp4", "b0")).toBe("others");
  expect(await destination.remove("c.mp4", "b0")).toBe("changed");
  expect((await readdir(root)).sort()).toEqual([".polyreel", "a.mp4", "c.mp4", "e.mp4"]);
});

it("removes what a batch delivered by the receipts alone, but for what was changed, kept or is another batch's", async () => {
  for (const name of ["a", "b", "kept"]) await put(name, { fileName: `${name}.mp4` });
  await put("later", { batchId: "b2", fileName: "later.mp4" });
  await writeFile(join(root, "b.mp4"), "changed");
  await destination.removeAllOf({ folder: ".", owner: spring, batchId: "b1" }, new Set(["kept.mp4"]));
  expect((await readdir(root)).sort()).toEqual([".polyreel", "b.mp4", "kept.mp4", "later.mp4"]);
  expect(await shown("b.mp4")).toBe("changed");
});

it("keeps tenants apart: no path and no link leads from one to another", async () => {
  const acme = { tenant: "acme", name: "spring" };
  await put("theirs", { owner: acme, folder: "tenants/acme/spring" });
  for (const [owner, below] of [
    [spring, "tenants/acme/spring"],
    [spring, "Tenants/acme"],
    [acme, "spring"],
    [acme, "tenants/acmeother"],
    [{ tenant: "other", name: "spring" }, "tenants/acme/spring"],
  ] as const) {
    await expect(put("mine", { owner, folder: below, overwrite: true })).rejects.toMatchObject({ code: "invalid" });
  }
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

it("names foreign files before anything is written, and none in an empty folder", async () => {
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
