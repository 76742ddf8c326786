import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { refusalOf } from "../on-folder-request.js";
import { ConfiguredDestinations } from "./configured/configured-destinations.js";
import { parseSettings } from "./configured/parse-settings.js";
import type { Place } from "./destination.js";
import { Destinations } from "./destinations.js";
import { FolderDestination } from "./folder/folder-destination.js";
import type { OpenDestination } from "./open-destination.js";
import { pieceSource } from "./source.js";
import { folderOfTenant } from "./tenant-folder.js";

const never = { signal: new AbortController().signal };
const spring = { tenant: "default", name: "spring" };

let root: string;
let settings: string;
let configured: ConfiguredDestinations;
let destinations: Destinations;
const inRoot = (...path: string[]) => join(root, ...path);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "polyreel-destinations-"));
  for (const name of ["own", "archive", "acme"]) await mkdir(inRoot(name));
  settings = `
archive: {type: folder, path: ${inRoot("archive")}}
acme: {type: folder, path: ${inRoot("acme")}, tenants: [acme]}
ads: {type: s3, address: "s3://ads", credentials: /none}
`;
  let read: [string, ReturnType<typeof parseSettings>] | undefined;
  const current = async () => {
    if (read?.[0] !== settings) read = [settings, parseSettings(inRoot("d.yaml"), settings)];
    return read[1];
  };
  const open: OpenDestination = ({ name }) => new FolderDestination(inRoot(name), { created: false });
  configured = new ConfiguredDestinations({ current }, open);
  destinations = new Destinations(new FolderDestination(inRoot("own")), configured);
});
afterEach(() => rm(root, { recursive: true }));

const put = (text: string, place: Partial<Place>) =>
  destinations.put(
    pieceSource(() => [text]),
    { ...{ batchId: "b1", attempt: 1, owner: spring, overwrite: false, folder: ".", fileName: "a.mp4" }, ...place },
    never,
  );
const droppedIn = async (folder: string) => {
  const paths: string[] = [];
  for await (const { path } of destinations.dropped(folder, spring, new Set(["b2"]))) paths.push(path);
  return paths.sort();
};
const visible = async (...path: string[]) =>
  (await readdir(inRoot(...path))).filter((name) => !name.startsWith(".")).sort();

it.each([
  ["spring", "own/spring/a.mp4", "spring/a.mp4"],
  ["archive:/spring", "archive/spring/a.mp4", "archive:/spring/a.mp4"],
  ["archive:", "archive/a.mp4", "archive:/a.mp4"],
])("delivers to the folder %s, and finds and removes the file by its path", async (folder, file, path) => {
  expect(await put("one", { folder })).toMatchObject({ path });
  expect(await readFile(inRoot(file), "utf8")).toBe("one");
  expect(await destinations.has(path)).toBe(true);
  expect(await droppedIn(folder)).toEqual([path]);
  expect(await destinations.remove(path, "b1")).toBe("removed");
  expect(await destinations.has(path)).toBe(false);
});

it("does not mistake a file of the own folder for one in a destination", async () => {
  await put("one", { fileName: "archive/a.mp4" });
  await put("two", { folder: "archive:" });
  expect(await readFile(inRoot("own/archive/a.mp4"), "utf8")).toBe("one");
  expect(await readFile(inRoot("archive/a.mp4"), "utf8")).toBe("two");
});

it("names a new folder as in its destination", async () => {
  expect(await put("one", { folder: "archive:/new" })).toMatchObject({ newFolder: "archive:/new" });
  expect(await put("one", { folder: "archive:/new", fileName: "b.mp4" })).toMatchObject({ newFolder: undefined });
});

it("keeps files of a deleted batch that others share, by their paths in the destination", async () => {
  const own = await put("own", { folder: "spring" });
  const kept = await put("kept", { folder: "archive:/spring" });
  await put("gone", { folder: "archive:/spring", fileName: "b.mp4" });
  const of = { owner: spring, batchId: "b1" };
  await destinations.removeAllOf({ ...of, folder: "archive:/spring" }, new Set([kept.path, "spring/b.mp4"]));
  expect(await visible("archive/spring")).toEqual(["a.mp4"]);
  expect(await destinations.has(own.path)).toBe(true);
});

it("gives each tenant its folder in a shared destination", async () => {
  const owner = { tenant: "acme", name: "spring" };
  const folder = folderOfTenant("acme", "archive:/spring");
  expect(folder).toBe("archive:/tenants/acme/spring");
  expect(await put("theirs", { folder, owner })).toMatchObject({ path: "archive:/tenants/acme/spring/a.mp4" });
  await expect(put("mine", { folder })).rejects.toMatchObject({ code: "invalid" });
  expect(() => folderOfTenant("default", "archive:/tenants/acme")).toThrow("inside the folders of other tenants");
  expect(() => folderOfTenant("acme", "archive:/../x")).toThrow("is not a folder below");
});

it("lets only its tenants use a destination, and reaches their files when that has changed", async () => {
  const folder = "acme:/tenants/acme/spring";
  const owner = { tenant: "acme", name: "spring" };
  const { path } = await put("one", { folder, owner });
  await expect(put("two", { folder: "acme:/spring" })).rejects.toMatchObject({
    ...{ code: "unavailable", failure: { reason: 'There is no destination "acme" for this tenant.' } },
  });
  settings = settings.replace("tenants: [acme]", "tenants: [other]");
  await expect(put("two", { folder, owner })).rejects.toMatchObject({ code: "unavailable" });
  expect(await destinations.remove(path, "b1")).toBe("removed");
});

it("waits for a destination whose disk is away, and never creates its folder", async () => {
  const { path } = await put("one", { folder: "archive:/spring" });
  await rename(inRoot("archive"), inRoot("unmounted"));
  const away = { code: "unavailable", failure: { reason: `The output folder ${inRoot("archive")} is not mounted.` } };
  await expect(put("two", { folder: "archive:/spring" })).rejects.toMatchObject(away);
  await expect(destinations.remove(path, "b1")).rejects.toMatchObject(away);
  expect(await destinations.exists("archive:/spring")).toBe(false);
  expect(await destinations.exists("spring")).toBe(true);
  expect(await visible(".")).not.toContain("archive");
  await rename(inRoot("unmounted"), inRoot("archive"));
  expect(await destinations.remove(path, "b1")).toBe("removed");
});

it("waits for a destination that is no longer configured and has files", async () => {
  const { path } = await put("one", { folder: "archive:/spring" });
  settings = settings.replace("archive:", "other:");
  const former = {
    failure: { reason: 'The destination "archive" is no longer configured, and has files of the batch.' },
  };
  await expect(destinations.remove(path, "b1")).rejects.toMatchObject(former);
  expect(await destinations.exists("archive:/spring")).toBe(false);
});

it.each([
  ["another tenant's", { folder: "acme:/spring" }, { field: "destination", reason: /no destination "acme"/ }],
  ["an unknown one", { folder: "archiv:" }, { field: "destination", remedy: /Did you mean "archive"\?/ }],
  ["one of another type", { folder: "archive:", type: "s3" }, { field: "destination", reason: /type folder, not s3/ }],
  ["a bucket that is not allowed", { folder: "ads:others/spring" }, { field: "bucket", remedy: /buckets are "ads";/ }],
])("refuses %s before a batch is planned", async (_, asked, { field, ...texts }) => {
  const error = await refusalOf({ tenant: "default", type: "", ...asked }, configured);
  expect(error?.failure).toMatchObject({
    field,
    ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, expect.stringMatching(text)])),
  });
});

it("refuses a destination that is away, and none that is there", async () => {
  const asked = { tenant: "acme", type: "", folder: "archive:/spring" };
  expect(await refusalOf(asked, configured)).toBeUndefined();
  expect(await refusalOf({ ...asked, folder: "spring" }, configured)).toBeUndefined();
  await rename(inRoot("archive"), inRoot("unmounted"));
  expect((await refusalOf(asked, configured))?.failure).toMatchObject({
    reason: `The destination "archive" cannot be reached: ${inRoot("archive")}.`,
    remedy: "Mount its disk, or create the folder.",
  });
});
