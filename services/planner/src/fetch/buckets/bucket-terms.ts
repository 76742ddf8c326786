import { keysInFile, type S3KeySource, type S3Terms } from "@polyreel/platform/s3";

/** Wording of errors about a bucket of sources. Batches' users see them: the endpoint is the operator's. */
export const bucketTerms = (name: string): S3Terms => ({
  subject: () => titleOf(name),
  address: `the address of ${titleOf(name)}`,
  mayCreate: false,
  keysOrigin: "keys are in the file that its `credentials` names",
  missingBucketRemedy: `Correct the bucket in the batch, or the buckets or the endpoint of ${titleOf(name)}.`,
  keysRemedy: `Correct the credentials file of ${titleOf(name)}: a corrected file is noticed without a restart.`,
  rightsRemedy: "Grant them s3:GetObject, and s3:ListBucket, without which a missing object looks like a refused one.",
});

/** Keys of an entry's credentials file; a replaced file is noticed. */
export const bucketKeys = (name: string, path: string): S3KeySource =>
  keysInFile(path, Date.now, { file: `The credentials file of ${titleOf(name)}`, origin: "Its `credentials`" });

const titleOf = (name: string): string => `the source bucket ${JSON.stringify(name)}`;
