/**
 * Remembers what was made, so that it is made once; of more than it keeps, what was not asked for lately is forgotten. Two
 * generations: when the younger is full, the elder goes.
 */
export class Memo<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** `limit`: of one generation. */
  constructor(private readonly limit: number) {}

  /** Undefined: not remembered. */
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
