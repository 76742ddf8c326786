type Names = readonly [jsonl: string, csv: string];

/** What lists a batch's outputs in its own folder. */
export const MANIFESTS: Names = ["manifest.jsonl", "manifest.csv"];

/** What lists those that went to other folders, there: such a folder may be another batch's. */
export const listingNames = (batchId: string): Names => [`manifest-${batchId}.jsonl`, `manifest-${batchId}.csv`];
