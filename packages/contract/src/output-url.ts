/** Below it gateways serve outputs. */
export const OUTPUT_URL_ROOT = "/outputs/";

/**
 * Where gateways serve an output, below their own address. With its file's name, so that it is saved under it; they find it
 * without one too. A file in subfolders has them in its URL.
 */
export const outputUrlPath = (batchId: string, combinationId: string, fileName?: string): string =>
  OUTPUT_URL_ROOT +
  [batchId, combinationId, ...(fileName === undefined ? [] : fileName.split("/"))].map(encodeURIComponent).join("/");
