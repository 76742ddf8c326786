import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FolderPresence } from "./folder-presence.js";

let folder: string;
let store: string;
let presence: FolderPresence;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-presence-"));
  store = join(folder, "store");
  await mkdir(join(store, "tmp"), { recursive: true });
  await writeFile(join(store, "source"), "bytes");
  presence = new FolderPresence(store, "tmp");
});
afterEach(() => rm(folder, { recursive: true }));

const unmount = () => rename(store, join(folder, "unmounted"));
const mount = () => rename(join(folder, "unmounted"), store);
const sizeOf = async (name: string) => (await stat(join(store, name))).size;

it("finds what a disk has that is mounted between the look and the check", async () => {
  await unmount();
  let looks = 0;
  const look = async () => {
    looks++;
    return sizeOf("source").finally(() => looks === 1 && mount());
  };
  expect(await presence.find(look)).toBe(5);
});

it("finds nothing where the store lacks a file, and throws while the store is not mounted", async () => {
  expect(await presence.find(() => sizeOf("other"))).toBeUndefined();
  await unmount();
  await expect(presence.find(() => sizeOf("source"))).rejects.toMatchObject({ code: "unavailable" });
});
