/** Direction of a list. */
export type Direction = "asc" | "desc";

/** Compares numbers or strings in a direction; missing values come last in either. */
export function compareValues<T extends number | string>(
  a: T | undefined,
  b: T | undefined,
  direction: Direction,
): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b === (direction === "asc") ? -1 : 1;
}
