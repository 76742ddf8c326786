import type { Notify } from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { type Store, scopedStore } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";
import { ALL_TENANTS, type Scope } from "../../call/call.js";
import type { ReadModel } from "../../read-model/read-model.js";
import { defaultsOf, type NotifyConfig } from "../config.js";
import type { Notification } from "../notification.js";
import { defaultKey } from "../receivers.js";

const REMEMBERED = 1000;

interface Deps {
  readonly model: Pick<ReadModel, "batch">;
  readonly store: Store;
  readonly config: Pick<NotifyConfig, "defaults">;
}

/**
 * Finds whom a notification is for. Addresses are kept nowhere but in the batch's specification and the server's
 * configuration: they may contain keys.
 */
export class ConfiguredReceivers {
  readonly #specifications = new LRUCache<string, readonly Notify[]>({ max: REMEMBERED });

  constructor(private readonly deps: Deps) {}

  /** Undefined if it is not configured any more. Throws if the store or the read model is unavailable. */
  async of({ batchId, generation, tenant, receiver }: Notification): Promise<Notify | undefined> {
    const [kind, name = ""] = receiver.split("/");
    if (kind === "default") return defaultsOf(this.deps.config, tenant).find((one) => defaultKey(one) === receiver);
    return (await this.#ofBatch(batchId, generation))?.[Number(name)];
  }

  /** The receivers of a batch: its own, or the defaults. */
  async ofBatch(batchId: string, scope: Scope): Promise<{ tenant: string; list: readonly Notify[] } | undefined> {
    const batch = await this.deps.model.batch(batchId, scope);
    if (!batch) return undefined;
    const { tenant } = batch.status;
    const own = await this.#read(batchId, batch.specSha256, tenant);
    return { tenant, list: own.length > 0 ? own : defaultsOf(this.deps.config, tenant) };
  }

  async #ofBatch(batchId: string, generation: number): Promise<readonly Notify[] | undefined> {
    const key = `${batchId} ${generation}`;
    const known = this.#specifications.get(key);
    if (known) return known;
    const batch = await this.deps.model.batch(batchId, ALL_TENANTS);
    if (!batch) {
      // While the read model is filled again, it does not know its batches.
      throw new PolyreelError("unavailable", "The batch is not known at present.");
    }
    const notify = await this.#read(batchId, batch.specSha256, batch.status.tenant);
    if (batch.generation === generation) this.#specifications.set(key, notify);
    return batch.generation === generation ? notify : undefined;
  }

  async #read(batchId: string, specSha256: string, tenant: string): Promise<readonly Notify[]> {
    return (await readSpecification(scopedStore(this.deps.store, tenant), { batchId, specSha256 })).notify;
  }
}
