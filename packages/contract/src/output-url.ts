/** Path below which gateways serve outputs. */
export const OUTPUT_URL_ROOT = "/outputs/";

/**
 * URL path of an output on gateways. Contains its file's name, so that it is saved under it; the name is optional.
 * Subfolders of a file are part of the URL.
 */
export const outputUrlPath = (batchId: string, combinationId: string, fileName?: string): string =>
  OUTPUT_URL_ROOT +
  [batchId, combinationId, ...(fileName === undefined ? [] : fileName.split("/"))].map(encodeURIComponent).join("/");
