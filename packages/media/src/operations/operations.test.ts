import { expect, test } from "vitest";
import { fileTypeOf, OPERATIONS, type Operation } from "./operations.js";

test("every format has a suffix and a content type", () => {
  for (const { formats } of Object.values<Operation>(OPERATIONS)) {
    for (const { suffix, contentType } of Object.values(formats)) {
      expect(suffix).toMatch(/^(\.[a-z0-9]+)+$/);
      expect(contentType).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
    }
  }
  expect(fileTypeOf("subtitles", "vtt")).toEqual({ suffix: ".vtt", contentType: "text/vtt" });
  expect(fileTypeOf("thumbnail", "jpeg").suffix).toBe(".jpg");
});

test("the default outputs of one combination have different names", () => {
  const suffixes = Object.values<Operation>(OPERATIONS).map(({ formats }) => Object.values(formats)[0]?.suffix);
  expect(new Set(suffixes).size).toBe(suffixes.length);
});
