/** Buckets of keys and values beside the stream of facts. */
export const LEASES_BUCKET = "polyreel-leases";
/** Failed attempts at messages. */
export const ATTEMPTS_BUCKET = "polyreel-tries";
/** What tenants with quotas have begun and uploaded; the gateways' own. */
export const QUOTAS_BUCKET = "polyreel-quotas";

/** The stream behind a bucket. */
export const bucketStream = (bucket: string): string => `KV_${bucket}`;
