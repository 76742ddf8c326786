import { expect, it } from "vitest";
import { byteRange } from "./byte-range.js";

it.each<[string | undefined, [number, number] | "unsatisfiable" | "all"]>([
  [undefined, "all"],
  ["bytes=0-", [0, 500]],
  ["bytes=0-0", [0, 1]],
  ["bytes=100-199", [100, 200]],
  ["Bytes = 100-199", [100, 200]],
  ["bytes=499-", [499, 500]],
  ["bytes=400-9999999999999999999999", [400, 500]],
  ["bytes=-1", [499, 500]],
  ["bytes=-500", [0, 500]],
  ["bytes=-501", [0, 500]],
  ["bytes=500-", "unsatisfiable"],
  ["bytes=500-600", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=600-, 700-800", "unsatisfiable"],
  // Of several ranges only one is satisfiable.
  ["bytes=600-, 0-9", [0, 10]],
  ["bytes=0-9, 20-29", "all"],
  // Malformed: ignored.
  ["bytes=9-0", "all"],
  ["bytes=-", "all"],
  ["bytes=", "all"],
  ["bytes=0-9,", "all"],
  ["bytes=a-b", "all"],
  ["bytes=0-9x", "all"],
  ["bytes=1.5-9", "all"],
  ["bytes=--9", "all"],
  ["bytes", "all"],
  ["seconds=0-9", "all"],
])("parses %j for 500 bytes", (header, expected) => {
  const range = byteRange(header, 500) ?? "all";
  expect(typeof range === "string" ? range : [range.start, range.end]).toEqual(expected);
});
