import { createHash } from "node:crypto";
import { lstat, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { box, bytesOf, tagsBox, zeros } from "@polyreel/media/join";
import { afterEach, beforeEach, expect, it } from "vitest";
import { pieceSource } from "../source.js";
import { FolderDestination } from "./folder-destination.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "polyreel-former-"));
});
afterEach(() => rm(root, { recursive: true }));

const spring = { tenant: "default", name: "spring" };
const autumn = { tenant: "default", name: "autumn" };
const place = (owner = spring) => ({ batchId: "b2", attempt: 1, owner, overwrite: false, folder: "." });
const never = { signal: new AbortController().signal };

/** Writes a video like a release without receipts, and returns its row of the manifest. */
async function deliver(file: string, { title = "spring", pictures = [] as string[] } = {}): Promise<object> {
  for (const picture of pictures) await writeFile(join(root, picture), "picture");
  const moov = box("moov", ...tagsBox({ title, polyreel_combination: file }));
  const header = bytesOf(box("ftyp", zeros(8)), moov, Buffer.from([0, 0, 0, 16]), Buffer.from("mdat"));
  const bytes = Buffer.concat([header, zeros(8)]);
  await writeFile(join(root, file), bytes);
  const headerSha256 = createHash("sha256").update(header).digest("hex");
  return { id: file, status: "delivered", file, pictures, certificate: { sizeBytes: bytes.length, headerSha256 } };
}

const list = (rows: readonly unknown[]) =>
  writeFile(join(root, "manifest.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

const foreignTo = async (owner: typeof spring, ...names: string[]) =>
  (await new FolderDestination(root).foreign(place(owner), names))?.map(({ name }) => name);

it("assigns files listed in a manifest to the batch whose name is in them", async () => {
  const a = await deliver("a.mp4", { pictures: ["a.jpg"] });
  await list([a, await deliver("b.mp4")]);
  await writeFile(join(root, "manifest.csv"), "");
  const names = ["a.mp4", "a.jpg", "b.mp4", "manifest.jsonl", "manifest.csv"];
  expect(await foreignTo(autumn, ...names)).toEqual(names);
  expect(await foreignTo(spring, ...names)).toEqual([]);
  expect(await foreignTo(autumn, ...names)).toEqual(names);

  // Identical bytes are not written again; others are replaced.
  const destination = new FolderDestination(root);
  const before = await lstat(join(root, "a.mp4"), { bigint: true });
  const same = [await readFile(join(root, "a.mp4"))];
  await destination.put(
    pieceSource(() => same),
    { ...place(), fileName: "a.mp4" },
    never,
  );
  expect((await lstat(join(root, "a.mp4"), { bigint: true })).mtimeNs).toBe(before.mtimeNs);
  await destination.put(
    pieceSource(() => ["other"]),
    { ...place(), fileName: "b.mp4" },
    never,
  );
  expect(await readFile(join(root, "b.mp4"), "utf8")).toBe("other");
  const dropped: string[] = [];
  for await (const { path } of destination.dropped(".", spring, new Set(["b2"]))) dropped.push(path);
  // Manifests are replaced at the end of a batch.
  expect(dropped.sort()).toEqual(["a.jpg", "manifest.csv", "manifest.jsonl"]);
});

it("treats files changed since delivery as foreign", async () => {
  const rows = [await deliver("a.mp4", { pictures: ["a.jpg"] }), await deliver("b.mp4")];
  await list([...rows, "no row", { file: "../c.mp4" }, await deliver("other.mp4", { title: "autumn" })]);
  await writeFile(join(root, "b.mp4"), "edited");
  const later = new Date(Date.now() + 5_000);
  await utimes(join(root, "a.jpg"), later, later);
  expect(await foreignTo(spring, "a.mp4", "a.jpg", "b.mp4", "other.mp4")).toEqual(["a.jpg", "b.mp4", "other.mp4"]);
});

it("assigns nothing if no file of the manifest exists as delivered", async () => {
  await list([{ file: "a.mp4", certificate: { sizeBytes: 7, headerSha256: "" } }]);
  await writeFile(join(root, "a.mp4"), "by hand");
  expect(await foreignTo(spring, "a.mp4", "manifest.jsonl")).toEqual(["a.mp4", "manifest.jsonl"]);
});
