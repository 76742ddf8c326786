import { reaches } from "../call/call.js";
import type { UsageQuery } from "./usage-query.js";
import { type Amounts, NOTHING, plus, UsageTally } from "./usage-tally.js";

/** Use in memory, for gateways without a database: after a start it is what the stream still has. */
export class MemoryUsage {
  readonly #tally = new UsageTally();
  #stream = "";
  #sequence = 0;

  begin(stream: string): void {
    if (stream !== this.#stream) this.#sequence = 0;
    this.#stream = stream;
  }

  /** The tally for a fact at a position of the stream; undefined: it is counted. */
  tallyOf(sequence: number): UsageTally | undefined {
    if (sequence <= this.#sequence) return undefined;
    this.#sequence = sequence;
    return this.#tally;
  }

  /** Sums by tenant. */
  find({ scope, from, to }: UsageQuery): ReadonlyMap<string, Amounts> {
    const found = new Map<string, Amounts>();
    for (const { tenant, day, ...amounts } of this.#tally.days) {
      if (day < from || day > to || !reaches(scope, tenant)) continue;
      found.set(tenant, plus(found.get(tenant) ?? NOTHING, amounts));
    }
    return found;
  }
}
