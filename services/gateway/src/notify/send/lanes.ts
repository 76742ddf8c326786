import { LANE_SEPARATOR } from "../notification.js";

/** Attempts at the same time: in all, to one host, and for one tenant. */
export const LIMITS = { all: 32, host: 4, tenant: 12 } as const;

/** Counts attempts under way, so that one slow host or one large tenant leaves room for the others. */
export class Lanes {
  readonly #busy = new Map<string, number>();
  #all = 0;

  constructor(private readonly limits: Readonly<Record<keyof typeof LIMITS, number>> = LIMITS) {}

  /** How many more may begin in a lane. */
  room(lane: string): number {
    const [host, tenant] = keysOf(lane);
    const { limits } = this;
    return Math.min(limits.all - this.#all, limits.host - this.#count(host), limits.tenant - this.#count(tenant));
  }

  get full(): boolean {
    return this.#all >= this.limits.all;
  }

  begin(lane: string): void {
    this.#change(lane, 1);
  }

  end(lane: string): void {
    this.#change(lane, -1);
  }

  #change(lane: string, by: 1 | -1): void {
    this.#all += by;
    for (const key of keysOf(lane)) {
      const count = this.#count(key) + by;
      if (count > 0) this.#busy.set(key, count);
      else this.#busy.delete(key);
    }
  }

  #count(key: string): number {
    return this.#busy.get(key) ?? 0;
  }
}

function keysOf(lane: string): [host: string, tenant: string] {
  const [host = "", tenant = ""] = lane.split(LANE_SEPARATOR);
  return [`host ${host}`, `tenant ${tenant}`];
}
