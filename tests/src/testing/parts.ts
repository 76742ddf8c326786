import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { Tenants } from "@polyreel/media/parts/tenants.js";
import { openFolderStore } from "@polyreel/platform/store/folder-store.js";
import type { Pipeline } from "./pipeline.js";

/** The parts that a pipeline has made for the default tenant. */
export const partsOf = async ({ store }: Pick<Pipeline, "store">): Promise<PartStore> =>
  new Tenants(await openFolderStore(store)).of("default").parts;

/** When each part in the store was written, by its key. */
export async function partTimes({ store }: Pick<Pipeline, "store">): Promise<Map<string, number>> {
  const parts = join(store, "tenants", "default", "parts");
  const times = new Map<string, number>();
  for (const kind of await readdir(parts).catch(() => [])) {
    for (const name of await readdir(join(parts, kind))) {
      const { mtimeMs } = await stat(join(parts, kind, name));
      if (name.endsWith(".index")) times.set(`${kind}/${name}`, mtimeMs);
    }
  }
  return times;
}
