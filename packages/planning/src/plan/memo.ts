/** A bounded cache; evicts what was not used recently. Two generations: when the younger is full, the older is dropped. */
export class Memo<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** `limit`: per generation. */
  constructor(private readonly limit: number) {}

  /** Undefined: not cached. */
  find(key: string): T | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  get(key: string, make: () => T): T {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? make();
    if (this.#young.size >= this.limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }
}
