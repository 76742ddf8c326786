import { toJson } from "@bufbuild/protobuf";
import { BatchState, CombinationCostSchema, type CombinationDetails } from "@polyreel/contract";
import { plainCombination, plainOutput, plainWarning } from "@polyreel/spec/rows";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { linkLifetimeOf } from "../flags/link-flags.js";
import { combinationLines } from "../report/combination-text.js";
import type { Terminal } from "../terminal/terminal.js";

export interface ShowOptions {
  batchId: string;
  combinationId: string;
  server: string;
  json?: boolean | undefined;
  lifetime?: number | undefined;
}

const TIMEOUT_MS = 30_000;

/** Prints everything a server knows about one combination. */
export async function show(
  { batchId, combinationId, server, json, lifetime }: ShowOptions,
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  /** A batch that was cancelled or is being deleted cannot be retried. */
  const isRetried = async () => {
    const { batch } = await call(connection, connection.batches.getBatch({ batchId }, { timeoutMs: TIMEOUT_MS }));
    return batch?.state !== BatchState.CANCELLED && batch?.state !== BatchState.DELETING;
  };
  try {
    const request = connection.batches.getCombination(
      { batchId, combinationId, ...linkLifetimeOf(lifetime) },
      { timeoutMs: TIMEOUT_MS },
    );
    const { combination } = await call(connection, request);
    if (!combination?.status) throw new Error("The server answered without a combination.");
    const canRetry = !json && combination.outputs.some(({ failure }) => failure) ? await isRetried() : true;
    const shown = { batchId, server: connection.url, now: Date.now(), paint: terminal.paintResult, canRetry };
    const text = json
      ? JSON.stringify(plainDetails(combination, connection.url))
      : combinationLines(combination, shown).join("\n");
    await terminal.print(`${text}\n`);
  } finally {
    connection.close();
  }
}

/** The row of `list --json`, with the progress. */
function plainDetails({ status, outputs, warnings, cost }: CombinationDetails, server: string): object {
  const url = status?.urlPath && server + status.urlPath;
  return {
    ...(status && plainCombination(status, url ?? "")),
    outputs: outputs.map((output) => plainOutput(output, server)),
    warnings: warnings.map(plainWarning),
    ...(cost && { cost: toJson(CombinationCostSchema, cost) }),
  };
}
