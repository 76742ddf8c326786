import { describe, expect, it } from "vitest";
import { newReceipt, parseObjectReceipt, receiptHeaders } from "./object-receipt.js";

const owner = { tenant: "acme", name: "żółć 日本語 👋" };
const receipt = newReceipt({ owner, batchId: "b-1", attempt: 2, content: "ab".repeat(32), settings: "00" });

describe("an object's receipt", () => {
  it("round-trips through ASCII metadata", () => {
    const headers = receiptHeaders(receipt, "sale/a.mp4");
    expect(Object.values(headers).join("")).toMatch(/^[\x20-\x7e]*$/);
    expect(parseObjectReceipt(headers, "sale/a.mp4")).toEqual(receipt);
    const later = { ...receipt, of: "a-write" };
    expect(parseObjectReceipt(receiptHeaders(later, "sale/a.mp4"), "sale/a.mp4")).toEqual(later);
  });

  it("fits into the metadata that S3 allows, next to that of users", () => {
    const long = newReceipt({ ...receipt, owner: { tenant: "t".repeat(63), name: "👋".repeat(200) } });
    const headers = receiptHeaders({ ...long, batchId: "b".repeat(100), of: "w".repeat(36) }, "a.mp4");
    const sizes = Object.entries(headers).map(([name, value]) => name.length - "x-amz-meta-".length + value.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2048 - 1000 - 60); // The write id is added.
  });

  it.each<[string, Record<string, string>]>([
    ["an object of another program", { "content-type": "video/mp4" }],
    ["a copy under another name", receiptHeaders(receipt, "sale/b.mp4")],
    ["damaged metadata", { ...receiptHeaders(receipt, "sale/a.mp4"), "x-amz-meta-polyreel-name": "%zz" }],
  ])("is undefined for %s", (_, headers) => {
    expect(parseObjectReceipt(headers, "sale/a.mp4")).toBeUndefined();
  });
});
