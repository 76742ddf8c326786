import { type Store, scopedStore } from "@polyreel/platform/blobs";
import { CharacterLedger } from "./character-ledger.js";

/** The ledger of each tenant. */
export class Ledgers {
  readonly #opened = new Map<string, CharacterLedger>();

  constructor(private readonly store: Store) {}

  of(tenant: string): CharacterLedger {
    const opened = this.#opened.get(tenant) ?? new CharacterLedger(scopedStore(this.store, tenant));
    this.#opened.set(tenant, opened);
    return opened;
  }
}
