/** Bytes `start` (inclusive) to `end` (exclusive). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const SPEC = /^(\d*)-(\d*)$/;

/**
 * Parses the Range header for a representation of a size (RFC 9110, section 14.1.2). Undefined if everything is to be
 * sent: the header is absent or malformed, uses another unit, or requests several satisfiable ranges, which a server
 * need not split (section 14.2). Pure.
 *
 * Own code, because range-parser (1.3) refuses suffixes longer than the whole, and ranges that end before they begin,
 * for which the RFC requires the whole.
 */
export function byteRange(header: string | undefined, sizeBytes: number): ByteRange | "unsatisfiable" | undefined {
  const [, list] = /^\s*bytes\s*=(.*)$/i.exec(header ?? "") ?? [];
  if (list === undefined) return undefined;
  const specs = list.split(",").map((spec) => SPEC.exec(spec.trim()));
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const [, first = "", last = ""] = spec ?? [];
    if (first === "" && last === "") return undefined;
    if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
    const range =
      first === ""
        ? { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes }
        : { start: Number(first), end: last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
    if (range.start < range.end) ranges.push(range);
  }
  if (ranges.length === 0) return "unsatisfiable";
  return ranges.length === 1 ? ranges[0] : undefined;
}
