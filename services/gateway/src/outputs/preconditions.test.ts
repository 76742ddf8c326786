import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import { preconditions, rangeCounts, type Verdict } from "./preconditions.js";

const lastModified = new Date("2026-03-01T12:00:00.789Z");
const BEFORE = "Sun, 01 Mar 2026 11:59:59 GMT";
const SAME = "Sun, 01 Mar 2026 12:00:00 GMT";
const AFTER = "Sun, 01 Mar 2026 12:00:01 GMT";

describe("preconditions", () => {
  it.each<[IncomingHttpHeaders, Verdict]>([
    [{}, "proceed"],
    [{ "if-match": '"a"' }, "proceed"],
    [{ "if-match": "*" }, "proceed"],
    [{ "if-match": '"b", "a"' }, "proceed"],
    [{ "if-match": '"b"' }, "failed"],
    [{ "if-match": 'W/"a"' }, "failed"],
    [{ "if-match": "" }, "failed"],
    [{ "if-none-match": '"a"' }, "not-modified"],
    [{ "if-none-match": 'W/"a"' }, "not-modified"],
    [{ "if-none-match": "*" }, "not-modified"],
    [{ "if-none-match": '"b",W/"c" , "a"' }, "not-modified"],
    [{ "if-none-match": '"b"' }, "proceed"],
    [{ "if-none-match": "a" }, "proceed"],
    [{ "if-modified-since": BEFORE }, "proceed"],
    [{ "if-modified-since": SAME }, "not-modified"],
    [{ "if-modified-since": AFTER }, "not-modified"],
    [{ "if-modified-since": "soon" }, "proceed"],
    [{ "if-unmodified-since": BEFORE }, "failed"],
    [{ "if-unmodified-since": SAME }, "proceed"],
    [{ "if-unmodified-since": "soon" }, "proceed"],
    // Tags take precedence over dates, and If-Match over If-None-Match.
    [{ "if-match": '"a"', "if-unmodified-since": BEFORE }, "proceed"],
    [{ "if-none-match": '"b"', "if-modified-since": AFTER }, "proceed"],
    [{ "if-match": '"b"', "if-none-match": '"a"' }, "failed"],
    [{ "if-match": '"a"', "if-none-match": '"a"' }, "not-modified"],
  ])("%j", (headers, verdict) => {
    expect(preconditions(headers, { etag: '"a"', lastModified })).toBe(verdict);
  });
});

describe("rangeCounts", () => {
  it.each([
    [undefined, true],
    ['"a"', true],
    ['"b"', false],
    ['W/"a"', false],
    [SAME, false],
    ["", false],
  ])("%j", (ifRange, counts) => {
    expect(rangeCounts(ifRange, '"a"')).toBe(counts);
  });
});
