/** Which way a list goes. */
export type Direction = "asc" | "desc";

/** Numbers and texts in a direction; what has no value comes last in either. */
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
