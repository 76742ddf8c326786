import { BatchState, STREAM } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { EventStream, Records } from "@polyreel/platform/stream";
import { OneAtATime } from "../batches/one-at-a-time.js";
import { NEWEST_FIRST } from "../read-model/batch-order.js";
import type { ReadModel } from "../read-model/read-model.js";
import { dayOf, daysOf, monthOf } from "../usage/calendar.js";
import type { SpentCharacters } from "../usage/spent-characters.js";
import type { StoredBytes } from "../usage/stored-bytes.js";
import { type Amounts, NOTHING } from "../usage/usage-tally.js";
import { assertFits } from "./assert-fits.js";
import type { Quotas } from "./quotas.js";
import { isExpired, isSame, isTooLate, type Reservation, reservationsIn } from "./reservations.js";
import { BATCH_QUOTAS, type TenantQuotas } from "./tenant-quotas.js";

export interface AdmissionDeps {
  readonly quotas: Quotas;
  readonly records: Records;
  readonly stream: EventStream;
  readonly model: ReadModel;
  readonly storedBytes: StoredBytes;
  readonly spentCharacters: SpentCharacters;
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
}

const LIVE = [BatchState.PLANNING, BatchState.RUNNING];

/**
 * Lets batches pass that fit in their tenant's quotas. A place is reserved by a compare-and-set of the tenant's record, which
 * all gateways share, before the fact is published: so no two requests, at whichever gateways, take the last place. What
 * has a reservation and no fact yet is counted by its reservation; everything else by the read model, which has to have
 * reached the end of the stream first.
 */
export class Admission {
  readonly #tenants = new OneAtATime();

  constructor(private readonly deps: AdmissionDeps) {}

  /**
   * Publishes what fits. `publish` calls `assertInTime` right before it publishes, and returns undefined if it published nothing:
   * then the place is free again. Throws PolyreelError `exhausted` for what does not fit, `unavailable` if that cannot be
   * found out.
   */
  async publish<T>(
    admitted: Admitted,
    publish: (assertInTime: () => void) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const quotas = ofBatches(await this.deps.quotas.of(admitted.tenant));
    if (Object.keys(quotas).length === 0) return await publish(() => {});
    // At one gateway requests take turns, instead of disturbing each other.
    return await this.#tenants.run(admitted.tenant, async () => {
      const mine = await this.#reserve(admitted, quotas);
      const assertInTime = () => {
        if (isTooLate(mine, Date.now())) throw tookTooLong();
      };
      // If this fails, its fact may still arrive in the stream: the place is kept until it expires.
      const published = await publish(assertInTime);
      if (published === undefined) await this.#release(admitted, mine).catch(() => {});
      return published;
    });
  }

  async #reserve(admitted: Admitted, quotas: TenantQuotas): Promise<Reservation> {
    const { tenant, batchId, run, combinations, isLive } = admitted;
    const mine = { batchId, run, combinations, batches: isLive ? 0 : 1, atMs: Date.now() };
    await this.deps.records.change(nameOf(tenant), async (text) => {
      const others = reservationsIn(text).filter((one) => !isSame(one, mine));
      const pending = await this.#assertFits(tenant, mine, quotas, others);
      return JSON.stringify([...pending, mine]);
    });
    return mine;
  }

  #release({ tenant }: Admitted, mine: Reservation): Promise<void> {
    return this.deps.records.change(nameOf(tenant), (text) =>
      JSON.stringify(reservationsIn(text).filter((one) => !isSame(one, mine))),
    );
  }

  /** Returns the reservations that still count. */
  async #assertFits(
    tenant: string,
    { combinations, batches }: Reservation,
    { liveBatches, ...others }: TenantQuotas,
    reservations: readonly Reservation[],
  ): Promise<readonly Reservation[]> {
    // A reservation that is gone was seen as a fact by whoever removed it: here, too, from this position on.
    await this.deps.model.reached(await endOf(this.deps.stream));
    const quotas = batches > 0 && liveBatches !== undefined ? { ...others, liveBatches } : others;
    for (;;) {
      const pending = await this.#pending(tenant, reservations);
      const now = new Date();
      const used = await this.#used(tenant, quotas, pending, now);
      // A fact that arrived just now would be counted twice.
      if ((await this.#pending(tenant, reservations)).length !== pending.length) continue;
      const adds = { liveBatches: batches, combinationsPerDay: combinations };
      assertFits(quotas, used, { tenant, adds, field: "batch" }, now);
      return pending;
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

  /** What is used of those quotas that exist: some cost much to count. */
  async #used(tenant: string, quotas: TenantQuotas, pending: readonly Reservation[], now: Date): Promise<TenantQuotas> {
    const { model, storedBytes, spentCharacters } = this.deps;
    const scope = { tenant };
    const sums = async (days: { from: string; to: string }): Promise<Amounts> =>
      (await model.usage({ scope, ...days })).get(tenant) ?? NOTHING;
    const reserved = pending.reduce((sum, { combinations }) => sum + combinations, 0);
    const count: Record<(typeof BATCH_QUOTAS)[number], () => Promise<number>> = {
      liveBatches: async () => {
        const limit = Math.ceil(quotas.liveBatches ?? 0) + 1;
        const live = await model.batches({ scope, states: LIVE, order: NEWEST_FIRST, after: undefined, limit });
        return live.length + pending.reduce((sum, { batches }) => sum + batches, 0);
      },
      combinationsPerDay: async () => (await sums({ from: dayOf(now), to: dayOf(now) })).combinations + reserved,
      storedBytes: () => storedBytes.of(tenant),
      deliveredBytesPerMonth: async () => (await sums(daysOf(monthOf(now)))).deliveredBytes,
      encodeSecondsPerMonth: async () => (await sums(daysOf(monthOf(now)))).encodeSeconds,
      speechCharactersPerMonth: async () =>
        [...(await spentCharacters.of(tenant, monthOf(now))).values()].reduce((sum, one) => sum + one, 0),
    };
    const names = BATCH_QUOTAS.filter((name) => quotas[name] !== undefined);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await count[name]()] as const)));
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
