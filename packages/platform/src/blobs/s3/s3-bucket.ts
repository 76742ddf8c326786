import { PolyreelError } from "../../errors.js";
import { bodyOf } from "./s3-body.js";
import type { S3Client } from "./s3-client.js";
import { S3Refusal } from "./s3-errors.js";

/** Creating a bucket in this region must not name it. */
const DEFAULT_REGION = "us-east-1";

/** Runs `work`; if the bucket does not exist, creates it and runs `work` again. */
export async function withBucket<T>(client: S3Client, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isMissingBucket(error)) throw error;
    await createBucket(client, signal);
    return work();
  }
}

const isMissingBucket = (error: unknown): boolean =>
  error instanceof PolyreelError && error.cause instanceof S3Refusal && error.cause.s3Code === "NoSuchBucket";

async function createBucket(client: S3Client, signal: AbortSignal | undefined): Promise<void> {
  const { region } = client.address;
  const place = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  const body = region === DEFAULT_REGION ? {} : { body: bodyOf(place) };
  // 409: another process was faster. If the bucket belongs to someone else, its use will be refused.
  await client.call({ method: "PUT", ...body }, { accept: [409], signal });
}
