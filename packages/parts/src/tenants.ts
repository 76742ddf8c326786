import type { Store } from "@polyreel/platform/blobs";
import { scopedStore } from "@polyreel/platform/blobs";
import { PartStore, type PartStoreOptions } from "./part-store.js";
import type { RemovedSource } from "./sources/remove-source.js";
import { Sources } from "./sources/sources.js";

interface Tenant {
  readonly store: Store;
  readonly parts: PartStore;
  readonly sources: Sources;
}

/** Each tenant's sources and parts. `onRemoved` is called for sources found damaged. */
export class Tenants {
  readonly #opened = new Map<string, Tenant>();

  constructor(
    private readonly store: Store,
    private readonly options: PartStoreOptions & { onRemoved?: (removed: RemovedSource) => void } = {},
  ) {}

  of(tenant: string): Tenant {
    let opened = this.#opened.get(tenant);
    if (!opened) {
      const store = scopedStore(this.store, tenant);
      const { onRemoved = () => {}, ...options } = this.options;
      opened = { store, parts: new PartStore(store, options), sources: new Sources(store, onRemoved) };
      this.#opened.set(tenant, opened);
    }
    return opened;
  }
}
