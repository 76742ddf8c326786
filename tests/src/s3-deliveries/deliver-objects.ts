// Delivers outputs to a destination on S3 like an uploader, a few at a time, and prints the number of each delivered one.
// Run as a process that is killed: `node deliver-objects.js <JSON of the Job>`.
import { S3Destination } from "@polyreel/uploader/s3";
import type { Job } from "./job.js";
import { fileNameOf, PART_BYTES, sourceOf } from "./test-outputs.js";

const AT_ONCE = 3;

const { address, keys, seed, numbers, isLast }: Job = JSON.parse(process.argv[2] ?? "{}");
process.stdin.on("end", () => process.exit()).resume(); // Ends with its parent.

const destination = new S3Destination({ name: "ads", address, keys: async () => keys, partBytes: PART_BYTES });
const { signal } = new AbortController();
const owner = { tenant: "default", name: "spring" };
const waiting = [...numbers];

async function deliver(): Promise<void> {
  for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
    const fileName = fileNameOf(number);
    const place = { batchId: "b1", attempt: 1, owner, overwrite: false, folder: "sale", fileName };
    await destination.put(sourceOf(seed, number), place, { signal });
    console.log(number);
  }
}

console.log("ready");
await Promise.all(Array.from({ length: AT_ONCE }, deliver));
if (isLast) await destination.removeLeftovers({ batchId: "b1", folder: "sale" });
console.log("done");
process.exit();
