import { describe, expect, it } from "vitest";
import { parseBytes, parseSpan } from "./quantities.js";

describe("parseSpan", () => {
  it.each([
    ["30d", 30 * 86_400_000],
    ["2w", 14 * 86_400_000],
    ["12h", 12 * 3_600_000],
    ["1.5h", 5_400_000],
    ["90m", 5_400_000],
    ["45s", 45_000],
    ["0s", 0],
    [" 1d ", 86_400_000],
  ])("%s", (text, ms) => {
    expect(parseSpan(text)).toBe(ms);
  });

  it.each(["", "d", "30", "-1d", "30 days", "1d12h", "1e3d", "9999999999d"])("refuses %s", (text) => {
    expect(parseSpan(text)).toBeUndefined();
  });
});

describe("parseBytes", () => {
  it.each([
    ["50GB", 50e9],
    ["1.5 TB", 1.5e12],
    ["10GiB", 10 * 2 ** 30],
    ["700MB", 700e6],
    ["8kB", 8000],
    ["8 KB", 8000],
    ["512", 512],
    ["512B", 512],
    ["0", 0],
  ])("%s", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(["", "GB", "-1", "1,5GB", "50gb", "5 GB free", "99999999TB"])("refuses %s", (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });
});
