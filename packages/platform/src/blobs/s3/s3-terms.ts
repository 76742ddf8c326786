/** Wording of errors for the user of a bucket: the store, or a destination. */
export interface S3Terms {
  /** Its name with its location, as in `the store in s3://media/ at https://...`. */
  readonly subject: (location: string) => string;
  /** `the store's address` */
  readonly address: string;
  /** Whether `create=true` in the address creates a missing bucket. */
  readonly mayCreate: boolean;
  /** Where its keys come from. */
  readonly keysOrigin: string;
  readonly missingBucketRemedy: string;
  readonly keysRemedy: string;
  readonly rightsRemedy: string;
}

export const STORE_TERMS: S3Terms = {
  subject: (location) => `the store in ${location}`,
  address: "the store's address",
  mayCreate: true,
  keysOrigin:
    "keys are given by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or by a file that POLYREEL_S3_CREDENTIALS names",
  missingBucketRemedy: "Create it, or add create=true to the store's address; or correct the bucket or the endpoint.",
  keysRemedy:
    "Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the file that POLYREEL_S3_CREDENTIALS names: a corrected file is noticed without a restart.",
  rightsRemedy:
    "Grant them s3:ListBucket, s3:ListBucketMultipartUploads, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on the bucket.",
};
