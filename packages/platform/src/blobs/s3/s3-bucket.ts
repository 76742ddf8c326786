import { PolyreelError } from "../../errors.js";
import { bodyOf } from "./s3-body.js";
import type { S3Client } from "./s3-client.js";
import { S3Refusal } from "./s3-errors.js";

/** The region that has no name where buckets are made. */
const DEFAULT_REGION = "us-east-1";

/** Runs `work`; where that fails because the bucket does not exist, makes it and runs it again. */
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
  // Another process was faster; if the bucket is somebody else's, its use is refused.
  await client.call({ method: "PUT", ...body }, { accept: [409], signal });
}
