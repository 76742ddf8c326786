import type { S3Terms } from "@polyreel/platform/s3";

/** Wording of errors about a bucket of sources. Batches' users see them: the endpoint is the operator's. */
export const bucketTerms = (name: string): S3Terms => ({
  subject: () => titleOf(name),
  address: `the address of ${titleOf(name)}`,
  mayCreate: false,
  keysOrigin: "keys are in the file or secret that its `credentials` names",
  missingBucketRemedy: `Correct the bucket in the batch, or the buckets or the endpoint of ${titleOf(name)}.`,
  keysRemedy: `Correct the credentials of ${titleOf(name)}: a corrected file or secret is noticed without a restart.`,
  rightsRemedy: "Grant them s3:GetObject, and s3:ListBucket, without which a missing object looks like a refused one.",
});

export const titleOf = (name: string): string => `the source bucket ${JSON.stringify(name)}`;
