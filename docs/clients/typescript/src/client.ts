// Submits the batch in batch.json, follows it to its end, and prints its videos.
import { readFile } from "node:fs/promises";
import { fromJsonString } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { BatchSchema } from "./gen/polyreel/v1/batch_pb.js";
import { BatchService, CombinationState } from "./gen/polyreel/v1/batch_service_pb.js";
import { FailureSchema } from "./gen/polyreel/v1/failure_pb.js";

type Batches = Client<typeof BatchService>;

async function main([baseUrl, file, requestId]: string[]): Promise<void> {
  if (!baseUrl || !file || !requestId) throw new Error("usage: client <url> <batch.json> <request id>");
  const batches = createClient(BatchService, createConnectTransport({ baseUrl, httpVersion: "2" }));
  const batch = fromJsonString(BatchSchema, await readFile(file, "utf8"));
  const { batch: submitted } = await batches.submitBatch({ batch, requestId });
  const batchId = submitted?.batchId ?? "";
  console.log(`batch ${batchId}: ${submitted?.combinations?.total} combinations`);
  await follow(batches, batchId);
  await list(batches, batchId);
}

/** Resolves when the batch has ended. A broken connection is resumed after the last fact that arrived. */
async function follow(batches: Batches, batchId: string): Promise<void> {
  let afterSequence = 0n;
  for (;;) {
    try {
      for await (const { sequence, update } of batches.watchBatch({ batchId, afterSequence })) {
        if (sequence > 0n) afterSequence = sequence;
        if (update.case === "combinationDelivered") console.log(`delivered ${update.value.path}`);
        if (update.case === "combinationFailed") console.log(`failed ${update.value.failure?.reason}`);
      }
      return;
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unavailable) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function list(batches: Batches, batchId: string): Promise<void> {
  let pageToken = "";
  do {
    const page = await batches.listCombinations({ batchId, pageToken });
    for (const { id, state, path } of page.combinations) console.log(CombinationState[state], id, path);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(String(error));
  // The details of a refusal: which field, block and choice, and what to do.
  for (const { field, reason, remedy } of ConnectError.from(error).findDetails(FailureSchema)) {
    console.error(`${field}: ${reason} ${remedy}`);
  }
  process.exitCode = 1;
});
