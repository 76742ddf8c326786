import { create } from "@bufbuild/protobuf";
import { type CombinationCost, CombinationCostSchema } from "@polyreel/contract";
import { countIn, Tenants } from "@polyreel/parts";
import { partUsesKey, readBytesIfAny, type Store } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";
import type { PlannedStep } from "./combination-steps.js";

/** Limit for the cached uses of batches: 20 bytes for each part that combinations share. */
const USES_BYTES = 32 << 20;

interface Costly {
  readonly batchId: string;
  readonly tenant: string;
  /** Those of all outputs; a part may be in several. */
  readonly steps: readonly PlannedStep[];
  readonly ownCoreSeconds: number;
}

/** What combinations took: what is kept with their parts, divided by how often their batch uses them. */
export class CombinationCosts {
  readonly #tenants: Tenants;
  readonly #uses = new LRUCache<string, Uint8Array>({
    maxSize: USES_BYTES,
    sizeCalculation: (uses) => uses.length + 1,
  });

  constructor(store: Store) {
    this.#tenants = new Tenants(store);
  }

  async of({ batchId, tenant, steps, ownCoreSeconds }: Costly): Promise<CombinationCost> {
    const { parts, store } = this.#tenants.of(tenant);
    const uses = await this.#usesOf(batchId, store);
    const distinct = new Map(steps.flatMap((step) => (step.part ? [[step.part.hash, step] as const] : [])));
    const costs = await Promise.all(
      Array.from(distinct.values(), async ({ stage, block, choice, part }) => {
        const { kind = "clip", hash = "" } = part ?? {};
        const { coreSeconds = 0 } = (await parts.index(kind, hash)) ?? {};
        return { stage, hash, block, choice, coreSeconds, uses: BigInt(countIn(uses, hash)) };
      }),
    );
    const sum = (seconds: readonly number[]): number => seconds.reduce((all, one) => all + one, ownCoreSeconds);
    return create(CombinationCostSchema, {
      coreSeconds: sum(costs.map(({ coreSeconds, uses }) => coreSeconds / Number(uses))),
      aloneCoreSeconds: sum(costs.map(({ coreSeconds }) => coreSeconds)),
      ownCoreSeconds,
      parts: costs,
    });
  }

  /** Written once, when the batch is planned. */
  async #usesOf(batchId: string, store: Store): Promise<Uint8Array> {
    const known = this.#uses.get(batchId);
    if (known) return known;
    const uses = await readBytesIfAny(store, partUsesKey(batchId));
    if (uses) this.#uses.set(batchId, uses);
    return uses ?? new Uint8Array();
  }
}
