import type { Direction } from "../order.js";

/** Ordinals per bitmap. */
export const PAGE = 4096;
export const PAGE_BYTES = PAGE / 8;

export function write(bitmap: Uint8Array, bit: number, is: boolean): void {
  const byte = bitmap[bit >> 3] ?? 0;
  const one = 1 << (bit & 7);
  bitmap[bit >> 3] = is ? byte | one : byte & ~one;
}

function union(bitmap: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < bitmap.length; i++) bitmap[i] = (bitmap[i] ?? 0) | (other[i] ?? 0);
}

function intersect(bitmap: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < bitmap.length; i++) bitmap[i] = (bitmap[i] ?? 0) & (other[i] ?? 0);
}

/**
 * The ordinals that are in a bitmap of each set of marks, in order. `rows`: all existing bitmaps of some pages, page by
 * page.
 */
export function ordinalsIn(
  rows: readonly { readonly mark: number; readonly page: number; readonly ordinals: Uint8Array }[],
  sets: readonly (readonly number[])[],
  direction: Direction,
): number[] {
  const pages = new Map<number, Map<number, Uint8Array>>();
  for (const { mark, page, ordinals } of rows) {
    const bitmaps = pages.get(page);
    if (bitmaps) bitmaps.set(mark, ordinals);
    else pages.set(page, new Map([[mark, ordinals]]));
  }
  const found: number[] = [];
  for (const [page, bitmaps] of pages) {
    const bits = bitsOf(inAll(bitmaps, sets));
    if (direction === "desc") bits.reverse();
    for (const bit of bits) found.push(page * PAGE + bit);
  }
  return found;
}

function inAll(bitmaps: ReadonlyMap<number, Uint8Array>, sets: readonly (readonly number[])[]): Uint8Array {
  const all = new Uint8Array(PAGE_BYTES).fill(0xff);
  for (const marks of sets) {
    const any = new Uint8Array(PAGE_BYTES);
    for (const mark of marks) {
      const bitmap = bitmaps.get(mark);
      if (bitmap) union(any, bitmap);
    }
    intersect(all, any);
  }
  return all;
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/** How many ordinals are in both bitmaps. */
export function countCommon(bitmap: Uint8Array, other: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bitmap.length; i++) count += ONES[(bitmap[i] ?? 0) & (other[i] ?? 0)] ?? 0;
  return count;
}

function bitsOf(bitmap: Uint8Array): number[] {
  const bits: number[] = [];
  for (const [i, byte] of bitmap.entries()) {
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) bits.push(i * 8 + bit);
  }
  return bits;
}
