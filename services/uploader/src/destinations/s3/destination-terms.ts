import type { S3Terms } from "@polyreel/platform/s3";

const RIGHTS =
  "s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads";

/** Wording of errors about a destination on S3. */
export const destinationTerms = (name: string): S3Terms => ({
  subject: (location) => `${titleOf(name)} (${location})`,
  address: `the address of ${titleOf(name)}`,
  mayCreate: false,
  keysOrigin: "keys are in the file or secret that its `credentials` names",
  missingBucketRemedy: `Create it, or correct the bucket or the endpoint in the address of ${titleOf(name)}.`,
  keysRemedy: `Correct the credentials of ${titleOf(name)}: a corrected file or secret is noticed without a restart.`,
  rightsRemedy: `Grant them ${RIGHTS} on the bucket; for \`public: true\` also s3:PutObjectAcl, which a block of public access overrules.`,
});

export const titleOf = (name: string): string => `the destination ${JSON.stringify(name)}`;
