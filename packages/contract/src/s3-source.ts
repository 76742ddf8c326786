/** An object that is a source: its key is everything after the bucket, taken as it is. */
interface S3Source {
  readonly bucket: string;
  readonly key: string;
}

const FORM = /^s3:\/\/([^/?]*)\/?([^?]*)/is;

/** Schemes are case-insensitive. */
export const isS3Source = (url: string): boolean => /^s3:\/\//i.test(url);

/**
 * The parts of an `s3://bucket/key` up to a "?", either of which may be empty; undefined for any other address. What follows a "?"
 * is not for messages: somebody may take it for a place of keys.
 */
export function s3SourceOf(url: string): S3Source | undefined {
  const [, bucket, key] = FORM.exec(url) ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key };
}
