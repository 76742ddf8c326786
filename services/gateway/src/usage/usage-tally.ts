/** What a tenant used in some days, as far as facts tell it. */
export interface Amounts {
  /** Submitted. */
  readonly batches: number;
  /** Accepted, also again by a run, less those that failed or were cancelled in it. */
  readonly combinations: number;
  /** Ended so, once for each attempt. */
  readonly delivered: number;
  readonly failed: number;
  /** Written to destinations. */
  readonly deliveredBytes: number;
  /** Core seconds of making parts. */
  readonly encodeSeconds: number;
}

export interface UsageOfDay extends Amounts {
  readonly tenant: string;
  /** "2026-11-30". */
  readonly day: string;
}

export const NOTHING: Amounts = {
  batches: 0,
  combinations: 0,
  delivered: 0,
  failed: 0,
  deliveredBytes: 0,
  encodeSeconds: 0,
};

export const plus = (a: Amounts, b: Partial<Amounts>): Amounts => ({
  batches: a.batches + (b.batches ?? 0),
  combinations: a.combinations + (b.combinations ?? 0),
  delivered: a.delivered + (b.delivered ?? 0),
  failed: a.failed + (b.failed ?? 0),
  deliveredBytes: a.deliveredBytes + (b.deliveredBytes ?? 0),
  encodeSeconds: a.encodeSeconds + (b.encodeSeconds ?? 0),
});

/** Sums by tenant and day. */
export class UsageTally {
  readonly #days = new Map<string, UsageOfDay>();

  add(tenant: string, day: string, amounts: Partial<Amounts>): void {
    const key = `${tenant} ${day}`;
    this.#days.set(key, { tenant, day, ...plus(this.#days.get(key) ?? NOTHING, amounts) });
  }

  get days(): Iterable<UsageOfDay> {
    return this.#days.values();
  }
}
