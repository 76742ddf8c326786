import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { bindSources } from "../sources/bind-sources.js";
import type { Estimator } from "./estimator.js";

/** A server's estimates. It is told the hashes of files, not their bytes: those it has not are unknown to it. */
export const remoteEstimator =
  (connection: Connection): Estimator =>
  async (batchFile, base, signal) => {
    for (const file of base ? [batchFile, base] : [batchFile]) await bindSources(file, async () => {}, signal);
    const request = { batch: batchFile.batch, ...(base && { base: base.batch }) };
    return call(connection, connection.batches.estimateBatch(request, { signal }), batchFile);
  };
