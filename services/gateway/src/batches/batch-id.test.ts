import { expect, it } from "vitest";
import { batchIdOf } from "./batch-id.js";

it("is base32 of the SHA-256 of tenant and request id", () => {
  // printf 'acme\0r1' | sha256sum | xxd -r -p | base32 | tr A-Z a-z | cut -c1-20
  expect(batchIdOf("acme", "r1")).toBe("bnw6prex4etnbxlx3yd4o");
});

it("differs between tenants and requests", () => {
  const ids = [batchIdOf("acme", "r1"), batchIdOf("acme", "r2"), batchIdOf("other", "r1"), batchIdOf("acmer", "1")];
  expect(new Set(ids).size).toBe(4);
});

it("is new each time without a request id", () => {
  const ids = Array.from({ length: 100 }, () => batchIdOf("acme", ""));
  expect(new Set(ids).size).toBe(100);
  expect(ids.every((id) => /^b[a-z2-7]{20}$/.test(id))).toBe(true);
});
