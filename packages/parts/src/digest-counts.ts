/** 32-bit words stored of each digest: 128 bits of a SHA-256 are enough to avoid collisions. */
const DIGEST_WORDS = 4;
/** With the count, which is 0 in a free slot. */
const WORDS = DIGEST_WORDS + 1;
const FIRST_SLOTS = 1024;
/** Fill level that makes it grow: look-ups get slow beyond it. */
const MAX_FILL = 0.7;

/**
 * Counts SHA-256 digests (64 hexadecimal digits) in an open-addressed table with 20 bytes each: a million take 42 MB,
 * compared to 130 MB as strings in a Set.
 */
export class DigestCounts {
  #table = new Uint32Array(FIRST_SLOTS * WORDS);
  #size = 0;

  /** Number of distinct digests. */
  get size(): number {
    return this.#size;
  }

  /** Counts a digest; returns how often it was added, 1: it is new. */
  add(digest: string): number {
    if (this.#size + 1 > (this.#table.length / WORDS) * MAX_FILL) this.#grow();
    const count = add(this.#table, wordsOf(digest), 1);
    if (count === 1) this.#size++;
    return count;
  }

  has(digest: string): boolean {
    return countOf(this.#table.subarray(slotOf(this.#table, wordsOf(digest)))) > 0;
  }

  /** Those that were added more than once, for `countIn`: 20 bytes each, the words of digest and count, big-endian. */
  repeated(): Uint8Array {
    const words = entriesOf(this.#table).filter((entry) => countOf(entry) > 1);
    const bytes = new DataView(new ArrayBuffer(words.length * WORDS * 4));
    for (const [i, entry] of words.entries()) {
      for (let word = 0; word < WORDS; word++) bytes.setUint32((i * WORDS + word) * 4, entry[word] ?? 0);
    }
    return new Uint8Array(bytes.buffer);
  }

  #grow(): void {
    const larger = new Uint32Array(this.#table.length * 2);
    for (const entry of entriesOf(this.#table)) add(larger, entry, countOf(entry));
    this.#table = larger;
  }
}

/** How often a digest was added, from `DigestCounts.repeated`; 1 if it is not there. */
export function countIn(repeated: Uint8Array, digest: string): number {
  const [first = 0, ...others] = wordsOf(digest);
  const bytes = new DataView(repeated.buffer, repeated.byteOffset, repeated.byteLength);
  for (let at = 0; at + WORDS * 4 <= bytes.byteLength; at += WORDS * 4) {
    if (bytes.getUint32(at) !== first) continue;
    if (others.every((word, i) => bytes.getUint32(at + (i + 1) * 4) === word)) {
      return bytes.getUint32(at + DIGEST_WORDS * 4);
    }
  }
  return 1;
}

const countOf = (entry: ArrayLike<number>): number => entry[DIGEST_WORDS] ?? 0;

function entriesOf(table: Uint32Array): Uint32Array[] {
  const entries: Uint32Array[] = [];
  for (let at = 0; at < table.length; at += WORDS) {
    if (table[at + DIGEST_WORDS] !== 0) entries.push(table.subarray(at, at + WORDS));
  }
  return entries;
}

const wordsOf = (digest: string): number[] =>
  [0, 8, 16, 24].map((at) => Number.parseInt(digest.slice(at, at + 8), 16) >>> 0);

/** Position of a digest in the table, or of the free slot for it. */
function slotOf(table: Uint32Array, [a, b = 0, c, d]: ArrayLike<number> & Iterable<number>): number {
  const mask = table.length / WORDS - 1;
  for (let slot = b & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS;
    if (table[at + DIGEST_WORDS] === 0) return at;
    if (table[at] === a && table[at + 1] === b && table[at + 2] === c && table[at + 3] === d) return at;
  }
}

/** Adds to the count of a digest; returns its new count. */
function add(table: Uint32Array, digest: ArrayLike<number> & Iterable<number>, count: number): number {
  const at = slotOf(table, digest);
  const added = (table[at + DIGEST_WORDS] ?? 0) + count;
  for (let word = 0; word < DIGEST_WORDS; word++) table[at + word] = digest[word] ?? 0;
  table[at + DIGEST_WORDS] = added;
  return added;
}
