import { createHash } from "node:crypto";
import type { TestBucket } from "@polyreel/platform/testing";
import { bytesOf, fileNameOf } from "./test-outputs.js";

type AuditedBucket = Pick<TestBucket, "read" | "keys" | "uploads" | "versions">;

/** Compares the bucket's history with the expected deliveries; returns all differences. */
export async function auditBucket(bucket: AuditedBucket, outputs: number, seed: number): Promise<string[]> {
  const problems: string[] = [];
  const isRecord = (key: string) => key.includes(".polyreel/");
  const { written, removed } = await bucket.versions();
  const expected = Array.from({ length: outputs }, (_, i) => [`sale/${fileNameOf(i + 1)}`, i + 1] as const);
  for (const [key, number] of expected) {
    const versions = written.filter((one) => one === key).length;
    if (versions !== 1) problems.push(`${key} was written ${versions} times.`);
    if (versions === 0) continue;
    if (sha256(await bucket.read(key)) !== sha256(bytesOf(seed, number))) problems.push(`${key} has wrong bytes.`);
  }
  const names = new Set<string>(expected.map(([key]) => key));
  for (const key of written) if (!names.has(key) && !isRecord(key)) problems.push(`${key} was not to be written.`);
  for (const key of removed) if (!isRecord(key)) problems.push(`${key} was removed.`);
  const isMark = (key: string) => key.endsWith("/.in");
  for (const key of await bucket.keys()) if (isRecord(key) && !isMark(key)) problems.push(`${key} is left.`);
  for (const key of await bucket.uploads()) problems.push(`An upload of ${key} is left.`);
  return problems;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
