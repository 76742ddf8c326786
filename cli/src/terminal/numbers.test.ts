import { expect, it } from "vitest";
import { formatBytes } from "./numbers.js";

it.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [8400, "8.4 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [7_400_000n, "7.4 MB"],
  [65e9, "65 GB"],
  [4e18, "4,000 PB"],
])("formats %s bytes as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
