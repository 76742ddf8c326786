import { expect, it } from "vitest";
import { parseDuration } from "./duration.js";

it.each([
  ["3s", 3n, 0],
  ["0.5s", 0n, 500_000_000],
  ["500ms", 0n, 500_000_000],
  ["1m30s", 90n, 0],
  ["1h2m3s4ms", 3723n, 4_000_000],
  ["2m", 120n, 0],
  [" 3s ", 3n, 0],
  ["4", 4n, 0],
  [2, 2n, 0],
  [0.1, 0n, 100_000_000],
  [-1.5, -1n, -500_000_000],
  ["-2s", -2n, 0],
  [0, 0n, 0],
])("accepts %j", (value, seconds, nanos) => {
  expect(parseDuration(value)).toEqual({ seconds, nanos });
});

it.each([
  "",
  "s",
  "3 s",
  "3x",
  "30s1m",
  "1s1s",
  "soon",
  "1.5m",
  "--3s",
  "1e3s",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e15,
])("refuses %j", (value) => {
  expect(parseDuration(value)).toBeUndefined();
});
