import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PartStore } from "@polyreel/parts";
import { Tenants } from "@polyreel/parts";
import { openFolderStore, scopedStore } from "@polyreel/platform/blobs";
import type { Pipeline } from "./pipeline.js";

/** The parts that a pipeline has made for the default tenant. */
export const partsOf = async ({ store }: Pick<Pipeline, "store">): Promise<PartStore> =>
  new Tenants(await openFolderStore(store)).of("default").parts;

/** Inode of each part in the store, by key: it changes if the part is written again, not if it is used. */
export async function partFiles({ store }: Pick<Pipeline, "store">): Promise<Map<string, number>> {
  const parts = join(store, "tenants", "default", "parts");
  const files = new Map<string, number>();
  for (const kind of await readdir(parts).catch(() => [])) {
    for (const name of await readdir(join(parts, kind))) {
      if (!name.endsWith(".index")) continue;
      // A clean-up may remove it meanwhile.
      const file = await stat(join(parts, kind, name)).catch(() => undefined);
      if (file) files.set(`${kind}/${name}`, file.ino);
    }
  }
  return files;
}

/** The same in any store: the version of each part's index. */
export async function partVersions({ openStore }: Pick<Pipeline, "openStore">): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  for await (const { key, version = "" } of scopedStore(await openStore(), "default").list("parts/")) {
    if (key.endsWith(".index")) versions.set(key.slice("parts/".length), version);
  }
  return versions;
}
