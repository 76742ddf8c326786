import { PartStore } from "@polyreel/media/parts/part-store.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import type { Store } from "@polyreel/platform/store/store.js";

/** The parts of each tenant, by its name: opened once, for they keep what they read in memory. */
export function tenantParts(store: Store): (tenant: string) => PartStore {
  const opened = new Map<string, PartStore>();
  return (tenant) => {
    const parts = opened.get(tenant) ?? new PartStore(scopedStore(store, tenant));
    opened.set(tenant, parts);
    return parts;
  };
}
