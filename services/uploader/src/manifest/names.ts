type Names = readonly [jsonl: string, csv: string];

/** Manifests in a batch's own folder. */
export const MANIFESTS: Names = ["manifest.jsonl", "manifest.csv"];

/** Manifests of outputs in other folders, which may be another batch's own. */
export const listingNames = (batchId: string): Names => [`manifest-${batchId}.jsonl`, `manifest-${batchId}.csv`];
