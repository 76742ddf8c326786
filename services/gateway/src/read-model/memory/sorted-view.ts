import type { CombinationRecord } from "../batch-record.js";
import { type CombinationOrder, type CombinationPosition, comparePositions, positionOf } from "../combination-order.js";
import { combinationStatus } from "../status.js";

/**
 * A batch's combinations in another order than their own, cached until a fact is applied: all pages of an unchanging
 * batch cost one sort.
 */
export class SortedView {
  #records: readonly { readonly record: CombinationRecord; readonly position: CombinationPosition }[] = [];
  #order: CombinationOrder | undefined;

  constructor(private readonly combinations: ReadonlyMap<string, CombinationRecord>) {}

  /** Invalidates the cached order. */
  outdate(): void {
    this.#order = undefined;
    this.#records = [];
  }

  /** Those after a position. */
  *after(order: CombinationOrder, after: CombinationPosition | undefined): Generator<CombinationRecord> {
    this.#sort(order);
    for (let i = after ? this.#firstAfter(order, after) : 0; i < this.#records.length; i++) {
      const one = this.#records[i];
      if (one) yield one.record;
    }
  }

  #sort(order: CombinationOrder): void {
    if (this.#order && sameOrder(this.#order, order)) return;
    const compare = comparePositions(order);
    this.#records = [...this.combinations.values()]
      .map((record) => ({ record, position: positionOf(combinationStatus(record), order) }))
      .sort((a, b) => compare(a.position, b.position));
    this.#order = order;
  }

  #firstAfter(order: CombinationOrder, after: CombinationPosition): number {
    const compare = comparePositions(order);
    let low = 0;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const one = this.#records[middle];
      if (one && compare(one.position, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const sameOrder = (a: CombinationOrder, b: CombinationOrder): boolean =>
  a.state === b.state && a.key === b.key && a.direction === b.direction;
