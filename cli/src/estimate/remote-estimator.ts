import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { bindSources } from "../sources/bind-sources.js";
import type { Estimator } from "./estimator.js";

/** Estimates on a server. Only the hashes of files are sent, so files that the server does not have count as unknown. */
export const remoteEstimator =
  (connection: Connection): Estimator =>
  async (batchFile, base, signal) => {
    for (const file of base ? [batchFile, base] : [batchFile]) await bindSources(file, async () => {}, signal);
    const request = { batch: batchFile.batch, ...(base && { base: base.batch }) };
    return call(connection, connection.batches.estimateBatch(request, { signal }), batchFile);
  };
