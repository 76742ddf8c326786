import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import type { Store } from "@polyreel/platform/store/store.js";
import { PartStore, type PartStoreOptions } from "./part-store.js";

/** Each tenant's sources and parts. */
export class Tenants {
  readonly #opened = new Map<string, { store: Store; parts: PartStore }>();

  constructor(
    private readonly store: Store,
    private readonly options: PartStoreOptions = {},
  ) {}

  of(tenant: string): { readonly store: Store; readonly parts: PartStore } {
    let opened = this.#opened.get(tenant);
    if (!opened) {
      const store = scopedStore(this.store, tenant);
      opened = { store, parts: new PartStore(store, this.options) };
      this.#opened.set(tenant, opened);
    }
    return opened;
  }
}
