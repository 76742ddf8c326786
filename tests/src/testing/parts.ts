import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { Tenants } from "@polyreel/media/parts/tenants.js";
import { openFolderStore } from "@polyreel/platform/store/folder-store.js";
import type { Pipeline } from "./pipeline.js";

/** The parts that a pipeline has made for the default tenant. */
export const partsOf = async ({ store }: Pick<Pipeline, "store">): Promise<PartStore> =>
  new Tenants(await openFolderStore(store)).of("default").parts;
