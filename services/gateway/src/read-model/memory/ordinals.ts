import type { CombinationRecord } from "../batch-record.js";

/** A batch's combinations in its order. They become known in any order: what is new is sorted in when it is asked for. */
export class Ordinals {
  readonly #inOrder: (CombinationRecord | undefined)[] = [];
  #taken = 0;

  constructor(private readonly combinations: ReadonlyMap<string, CombinationRecord>) {}

  /** Those from an ordinal on. */
  *from(ordinal: number): Generator<CombinationRecord> {
    this.#takeNew();
    for (let i = ordinal; i < this.#inOrder.length; i++) {
      const record = this.#inOrder[i];
      if (record) yield record;
    }
  }

  #takeNew(): void {
    if (this.#taken === this.combinations.size) return;
    for (const record of this.combinations.values()) this.#inOrder[record.ordinal] = record;
    this.#taken = this.combinations.size;
  }
}
