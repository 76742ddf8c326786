import type { PutResult } from "../put-source.js";

/** A stored source for its sender: `source` is how a batch names it. */
export const answerOf = ({ sha256, sizeBytes, known }: PutResult, fileName: string) => ({
  ...{ sha256, sizeBytes, known },
  ...(fileName && { fileName }),
  source: { sha256, ...(fileName && { name: fileName }) },
});
