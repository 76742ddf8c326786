import type { EstimateBatchResponse } from "@polyreel/contract";
import type { BatchFile } from "@polyreel/spec/batch-file";

/**
 * Estimates a batch, of which parts of `base` count as made. Binds the sources of both files. Throws ProblemsError where
 * one of them can't be a batch.
 */
export type Estimator = (
  batchFile: BatchFile,
  base: BatchFile | undefined,
  signal: AbortSignal,
) => Promise<EstimateBatchResponse>;

export interface EstimatorOptions {
  /** On this machine, where left out. */
  server?: string;
  /** Folder of sources and parts on this machine. */
  store: string;
}

/** Hands an estimator to `use`: a server's, or one that works here, for which nothing is started. */
export async function withEstimator<T>(
  { server, store }: EstimatorOptions,
  use: (estimator: Estimator) => Promise<T>,
): Promise<T> {
  if (server === undefined) {
    const { localEstimator } = await import("./local-estimator.js");
    return use(await localEstimator(store));
  }
  const { connectTo } = await import("../client/connection.js");
  const { remoteEstimator } = await import("./remote-estimator.js");
  const connection = connectTo(server);
  try {
    return await use(remoteEstimator(connection));
  } finally {
    connection.close();
  }
}
