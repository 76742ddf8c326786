import type { EstimateBatchResponse } from "@polyreel/contract";
import type { BatchFile } from "@polyreel/spec/batch-file";

/**
 * Estimates a batch; parts of `base` count as existing. Binds the sources of both files. Throws ProblemsError if one of
 * them is no valid batch.
 */
export type Estimator = (
  batchFile: BatchFile,
  base: BatchFile | undefined,
  signal: AbortSignal,
) => Promise<EstimateBatchResponse>;

export interface EstimatorOptions {
  /** This machine if omitted. */
  server?: string;
  /** Folder of sources and parts on this machine. */
  store: string;
  /** File of presets on this machine. */
  presetsFile: string;
}

/** Passes an estimator to `use`: a server's, or a local one, for which no service is started. */
export async function withEstimator<T>(
  { server, store, presetsFile }: EstimatorOptions,
  use: (estimator: Estimator) => Promise<T>,
): Promise<T> {
  if (server === undefined) {
    const { localEstimator } = await import("./local-estimator.js");
    return use(await localEstimator(store, presetsFile));
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
