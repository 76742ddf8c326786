import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifierOf } from "./s3-verifier.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const bytes = Buffer.from("0123456789");

describe("verifierOf", () => {
  const ofParts = sha256(Buffer.concat([bytes.subarray(0, 4), bytes.subarray(4, 8), bytes.subarray(8)].map(sha256)));
  const parts = (checksum: string) => ({ "x-amz-checksum-sha256": checksum, "x-amz-meta-polyreel-part-bytes": "4" });

  it.each([
    ["the whole", { "x-amz-meta-polyreel-sha256": sha256(bytes).toString("hex") }],
    ["its parts", parts(`${ofParts.toString("base64")}-3`)],
  ])("compares the checksum of %s, however the bytes come", (_, headers) => {
    for (const size of [1, 3, 4, 7, 10]) {
      const verifier = verifierOf(headers);
      for (let at = 0; at < bytes.length; at += size) verifier?.add(bytes.subarray(at, at + size));
      expect(verifier?.isRight()).toBe(true);
    }
    const other = verifierOf(headers);
    other?.add(Buffer.from("0123456780"));
    expect(other?.isRight()).toBe(false);
    const short = verifierOf(headers);
    short?.add(bytes.subarray(0, 8));
    expect(short?.isRight()).toBe(false);
  });

  it("needs a checksum, and the size of the parts that it is of", () => {
    expect(verifierOf({})).toBeUndefined();
    const { "x-amz-checksum-sha256": checksum } = parts(`${ofParts.toString("base64")}-3`);
    expect(verifierOf({ "x-amz-checksum-sha256": checksum })).toBeUndefined();
  });
});
