import { expect, it } from "vitest";
import { auditBucket } from "./audit-bucket.js";
import { bytesOf, fileNameOf } from "./test-outputs.js";

const SEED = 5;
const keys = [1, 2, 3].map((number) => `sale/${fileNameOf(number)}`);
const [first = "", second = "", third = ""] = keys;
const whole = {
  keys,
  written: [...keys, "sale/.polyreel/.uploads/b1/1"],
  removed: [] as string[],
  uploads: [] as string[],
};

const auditOf = (record: Partial<typeof whole>, bytes: Record<string, Buffer> = {}) => {
  const { keys: left, written, removed, uploads } = { ...whole, ...record };
  const bucket = {
    read: async (key: string) => bytes[key] ?? bytesOf(SEED, keys.indexOf(key) + 1),
    keys: async () => left,
    uploads: async () => uploads,
    versions: async () => ({ written, removed }),
  };
  return auditBucket(bucket, keys.length, SEED);
};

it("finds nothing in a bucket with each object once", async () => {
  expect(await auditOf({})).toEqual([]);
  expect(await auditOf({ keys: [...keys, "sale/.polyreel/an-owner/de/.in"] })).toEqual([]);
});

it.each<[string, Partial<typeof whole>, string]>([
  ["an object that was written twice", { written: [...keys, first] }, `${first} was written 2 times.`],
  ["a lost object", { written: [first, third] }, `${second} was written 0 times.`],
  ["an object of no output", { written: [...keys, "sale/x.mp4"] }, "sale/x.mp4 was not to be written."],
  ["a removal", { removed: [first] }, `${first} was removed.`],
  [
    "a record that is left",
    { keys: [...keys, "sale/.polyreel/.uploads/b1/1"] },
    "sale/.polyreel/.uploads/b1/1 is left.",
  ],
  ["an upload that is left", { uploads: [first] }, `An upload of ${first} is left.`],
])("finds %s", async (_, record, problem) => {
  expect(await auditOf(record)).toEqual([problem]);
});

it("finds wrong bytes", async () => {
  expect(await auditOf({}, { [first]: Buffer.from("other") })).toEqual([`${first} has wrong bytes.`]);
});
