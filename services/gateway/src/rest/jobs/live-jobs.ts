import { LRUCache } from "lru-cache";
import type { ReadModel } from "../../read-model/read-model.js";
import { Refusal } from "../../web/refusal.js";
import type { RestCall } from "../rest-call.js";
import { type JobKind, namePrefix } from "./job-name.js";

const KINDS: readonly JobKind[] = ["media", "video"];
/** Counting again for each job would cost more than the job. */
const COUNT_MS = 1000;

/** Bounds the jobs of each tenant that have not ended: a client in a loop must not fill the event stream. */
export class LiveJobs {
  /** Counts by tenant, with the jobs admitted since. */
  readonly #counts = new LRUCache<string, { live: number }>({ max: 10_000, ttl: COUNT_MS });

  constructor(
    private readonly model: ReadModel,
    private readonly max: number,
  ) {}

  /** Throws a Refusal of 429 at the limit. */
  async admit(call: RestCall): Promise<void> {
    const known = this.#counts.get(call.tenant);
    const count = known ?? { live: await this.#count(call) };
    if (!known) this.#counts.set(call.tenant, count);
    if (count.live >= this.max) throw tooMany(this.max);
    count.live++;
  }

  async #count({ scope }: RestCall): Promise<number> {
    await this.model.reached(0);
    const tallies = await Promise.all(
      KINDS.map((kind) => this.model.namedTally({ scope, prefix: namePrefix(kind), dayBegan: new Date(0) })),
    );
    return tallies.reduce((sum, { all }) => sum + all.pending + all.processing, 0);
  }
}

const tooMany = (max: number): Refusal =>
  new Refusal(429, {
    reason: `${max.toLocaleString("en-US")} jobs have not ended yet, which is the limit.`,
    remedy: "Try again when some have ended, or raise POLYREEL_REST_MAX_LIVE_JOBS.",
  });
