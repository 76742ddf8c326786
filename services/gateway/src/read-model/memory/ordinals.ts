import type { CombinationRecord } from "../batch-record.js";
import type { Direction } from "../order.js";

/** A batch's combinations in order. They become known in any order: new ones are sorted in on demand. */
export class Ordinals {
  readonly #inOrder: (CombinationRecord | undefined)[] = [];
  readonly #known: Iterator<CombinationRecord>;
  #taken = 0;

  constructor(private readonly combinations: ReadonlyMap<string, CombinationRecord>) {
    this.#known = combinations.values();
  }

  /** Those after an ordinal. */
  *after(ordinal: number | undefined, direction: Direction): Generator<CombinationRecord> {
    this.#takeNew();
    const step = direction === "asc" ? 1 : -1;
    const before = direction === "asc" ? -1 : this.#inOrder.length;
    for (let i = (ordinal ?? before) + step; i >= 0 && i < this.#inOrder.length; i += step) {
      const record = this.#inOrder[i];
      if (record) yield record;
    }
  }

  /** An iterator of a map includes later additions, unless it has reached the end: so it is not advanced beyond. */
  #takeNew(): void {
    for (; this.#taken < this.combinations.size; this.#taken++) {
      const { value } = this.#known.next();
      if (value) this.#inOrder[value.ordinal] = value;
    }
  }
}
