/** Below it each tenant has its own. */
export const TENANTS = "tenants";
export const SOURCES = "sources";
export const sourceKey = (sha256: string): string => `${SOURCES}/${sha256}`;
/** Which file a source was when its bytes were last compared with its hash. */
export const verifiedKey = (sha256: string): string => `${sourceKey(sha256)}.verified`;
const PLANS = "plans";
/** What all keys of a batch's own begin with: its specification, what came of its URLs, its lists of work. */
export const planPrefix = (batchId: string): string => `${PLANS}/${batchId}-`;
/** A batch's specification. Its hash is part of the key: of two gateways that get different ones, one is accepted. */
export const planKey = (batchId: string, specSha256: string): string => planPrefix(batchId) + specSha256.slice(0, 16);
/** What a batch got from a URL, by the SHA-256 of that URL. */
export const fetchedKey = (batchId: string, urlSha256: string): string => `${planPrefix(batchId)}url-${urlSha256}`;
/** Paths of videos that stay when the batch is deleted: others have written there, too. */
export const keptPathsKey = (batchId: string): string => `${planPrefix(batchId)}kept`;
/** What earlier batches of its name left in a batch's folder (DroppedFiles). */
export const droppedKey = (batchId: string): string => `${planPrefix(batchId)}dropped`;
/** Below it lies what outputs consist of besides parts, by batch. */
const OUTPUT_BYTES = "outputs";
/** What all keys of a batch's begin with. */
export const outputBytesPrefix = (batchId: string): string => `${OUTPUT_BYTES}/${batchId}/`;
/** Literal bytes of an output, by their SHA-256. They belong to the batch, and go with it. */
export const outputBytesKey = (batchId: string, sha256: string): string => outputBytesPrefix(batchId) + sha256;
/** A piece of the list of what a resumed run of a batch works on. */
export const workListKey = (batchId: string, listId: string, piece: number): string =>
  `${planPrefix(batchId)}run-${listId}-${piece}`;
const MEASURED = "measured";
/** What the parts that a service made took. Of all tenants. */
export const measuredKey = (service: string): string => `${MEASURED}/${service}`;
/** What all keys of a store begin with, ascending; `polyreel up` has folders of its own beside them. */
export const STORED_PREFIXES: readonly string[] = [`${MEASURED}/`, `${TENANTS}/`];
