import { STREAM } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { EventStream, Records } from "@polyreel/platform/stream";
import { OneAtATime } from "../batches/one-at-a-time.js";
import { type BatchUse, NO_USE, plusUse } from "../usage/batch-use.js";
import { assertFits } from "./assert-fits.js";
import type { Quotas } from "./quotas.js";
import { isExpired, isSame, isTooLate, type Reservation, reservationsIn } from "./reservations.js";
import { BATCH_QUOTAS, needsEstimate, type TenantQuotas } from "./tenant-quotas.js";
import { byQuota, restOf, type TenantUse, type TenantUseDeps, tenantUse } from "./tenant-use.js";

export interface AdmissionDeps extends TenantUseDeps {
  readonly quotas: Quotas;
  readonly records: Records;
  readonly stream: EventStream;
}

/** A batch, or another run of it, that is about to be published. */
export interface Admitted {
  readonly tenant: string;
  readonly batchId: string;
  /** 1: the submission. */
  readonly run: number;
  readonly combinations: number;
  /** The batch of a run has not ended. */
  readonly isLive: boolean;
  /** Called once, and only if a quota needs it. Undefined: it takes too long to find out. */
  estimateUse(): Promise<BatchUse | undefined>;
}

/** What is published of a batch that was admitted. */
export interface Permit {
  /** To be called right before it is published. */
  assertInTime(): void;
  /** What its fact states as reserved. */
  readonly reserved: BatchUse | undefined;
}

/** Where nothing limits. */
export const FREE: Permit = { assertInTime: () => {}, reserved: undefined };

/** What is asked: an estimate, or all that remains where it takes too long to make one; undefined: no quota needs one. */
type AskedUse = BatchUse | "rest" | undefined;

/**
 * Lets batches pass that fit in their tenant's quotas. A place is reserved by a compare-and-set of the tenant's record, which
 * all gateways share, before the fact is published: so no two requests, at whichever gateways, take the last place. What
 * has a reservation and no fact yet is counted by its reservation; everything else by the read model, which has to have
 * reached the end of the stream first. The fact states what the batch is estimated to use: from then on the read model
 * knows what of that is still reserved.
 */
export class Admission {
  readonly #tenants = new OneAtATime();

  constructor(private readonly deps: AdmissionDeps) {}

  /**
   * Publishes what fits. `publish` calls `assertInTime` right before it publishes, and returns undefined if it published nothing:
   * then the place is free again. Throws PolyreelError `exhausted` for what does not fit, `unavailable` if that cannot be
   * found out.
   */
  async publish<T>(admitted: Admitted, publish: (permit: Permit) => Promise<T | undefined>): Promise<T | undefined> {
    const quotas = ofBatches(await this.deps.quotas.of(admitted.tenant));
    if (Object.keys(quotas).length === 0) return await publish(FREE);
    const asked = await this.#estimate(admitted, quotas);
    // At one gateway requests take turns, instead of disturbing each other.
    return await this.#tenants.run(admitted.tenant, async () => {
      const { mine, reserved } = await this.#reserve(admitted, quotas, asked);
      const assertInTime = () => {
        if (isTooLate(mine, Date.now())) throw tookTooLong();
      };
      // If this fails, its fact may still arrive in the stream: the place is kept until it expires.
      const published = await publish({ assertInTime, reserved });
      if (published === undefined) await this.#release(admitted, mine).catch(() => {});
      return published;
    });
  }

  /** Forgets reservations of a batch whose facts are known: once it is deleted, they would seem to be without a fact. */
  async forget({ tenant, batchId }: Pick<Admitted, "tenant" | "batchId">): Promise<void> {
    const reservations = reservationsIn(await this.deps.records.read(nameOf(tenant)));
    if (!reservations.some((one) => one.batchId === batchId)) return;
    await this.deps.records.change(nameOf(tenant), (text) =>
      JSON.stringify(reservationsIn(text).filter((one) => one.batchId !== batchId)),
    );
  }

  /** What a tenant's batches have reserved; undefined: no quota limits it. */
  async reservedBy(tenant: string): Promise<BatchUse | undefined> {
    const quotas = ofBatches(await this.deps.quotas.of(tenant));
    if (!needsEstimate(quotas)) return undefined;
    const pending = await this.#pending(tenant, reservationsIn(await this.deps.records.read(nameOf(tenant))));
    return (await tenantUse(this.deps, { tenant, quotas, pending }, new Date())).reserved;
  }

  /** An estimate takes up to seconds: not for a batch that finds a quota used up already. */
  async #estimate(admitted: Admitted, quotas: TenantQuotas): Promise<AskedUse> {
    if (!needsEstimate(quotas)) return undefined;
    const others = reservationsIn(await this.deps.records.read(nameOf(admitted.tenant)));
    await this.#assertFits(admitted, quotas, others, "rest");
    return (await admitted.estimateUse()) ?? "rest";
  }

  async #reserve(
    admitted: Admitted,
    quotas: TenantQuotas,
    asked: AskedUse,
  ): Promise<{ readonly mine: Reservation; readonly reserved: BatchUse | undefined }> {
    const { tenant, batchId, run, combinations, isLive } = admitted;
    const place = { batchId, run, combinations, batches: isLive ? 0 : 1 };
    const atMs = Date.now();
    let mine: Reservation = { ...place, atMs };
    let reserved: BatchUse | undefined;
    await this.deps.records.change(nameOf(tenant), async (text) => {
      const others = reservationsIn(text).filter((one) => !isSame(one, mine));
      const { pending, use: present } = await this.#assertFits(admitted, quotas, others, asked);
      const use = asked === "rest" ? restOf(quotas, present) : asked;
      mine = { ...place, ...(use && { use }), atMs };
      reserved = use && plusUse(use, await this.#before(admitted, present));
      return JSON.stringify([...pending, mine]);
    });
    return { mine, reserved };
  }

  /** What earlier runs of a batch have used, and may still use. */
  async #before({ tenant, batchId }: Admitted, { left, characters }: TenantUse): Promise<BatchUse> {
    const known = await this.deps.model.batch(batchId, { tenant });
    const spent = { ...known?.spent, speechCharacters: characters.get(batchId) ?? 0 };
    return plusUse(left.get(batchId) ?? NO_USE, spent);
  }

  #release({ tenant }: Admitted, mine: Reservation): Promise<void> {
    return this.deps.records.change(nameOf(tenant), (text) =>
      JSON.stringify(reservationsIn(text).filter((one) => !isSame(one, mine))),
    );
  }

  /** What others take of the quotas. Throws if this does not fit beside it. */
  async #assertFits(
    { tenant, combinations, isLive }: Admitted,
    { liveBatches, ...others }: TenantQuotas,
    reservations: readonly Reservation[],
    asked: AskedUse,
  ): Promise<{ readonly pending: readonly Reservation[]; readonly use: TenantUse }> {
    // A reservation that is gone was seen as a fact by whoever removed it: here, too, from this position on.
    await this.deps.model.reached(await endOf(this.deps.stream));
    const quotas = !isLive && liveBatches !== undefined ? { ...others, liveBatches } : others;
    const estimated = asked === "rest" || !asked ? {} : byQuota(asked);
    const adds = { liveBatches: isLive ? 0 : 1, combinationsPerDay: combinations, ...estimated };
    for (;;) {
      const pending = await this.#pending(tenant, reservations);
      const now = new Date();
      const use = await tenantUse(this.deps, { tenant, quotas, pending }, now);
      // A fact that arrived just now would be counted twice.
      if ((await this.#pending(tenant, reservations)).length !== pending.length) continue;
      assertFits(quotas, { used: use.used, reserved: byQuota(use.reserved) }, { tenant, adds, field: "batch" }, now);
      return { pending, use };
    }
  }

  /** Those without a fact. */
  async #pending(tenant: string, reservations: readonly Reservation[]): Promise<readonly Reservation[]> {
    const now = Date.now();
    const isPending = async (one: Reservation) => {
      const known = await this.deps.model.batch(one.batchId, { tenant });
      return !isExpired(one, now) && (known === undefined || known.run < one.run);
    };
    const kept = await Promise.all(reservations.map(isPending));
    return reservations.filter((_, i) => kept[i]);
  }
}

const nameOf = (tenant: string): string => `batches.${tenant}`;

const ofBatches = (quotas: TenantQuotas): TenantQuotas =>
  Object.fromEntries(BATCH_QUOTAS.flatMap((name) => (quotas[name] === undefined ? [] : [[name, quotas[name]]])));

async function endOf({ manager }: EventStream): Promise<number> {
  return (await manager.streams.info(STREAM)).state.last_seq;
}

const tookTooLong = (): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: "The event stream took too long to answer.",
    remedy: "Try again: nothing was accepted.",
  });
