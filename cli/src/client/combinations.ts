import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CombinationStatus, ListCombinationsRequestSchema } from "@polyreel/contract";
import { call } from "./call.js";
import type { Connection } from "./connection.js";

const PAGE_SIZE = 1000;

/** The combinations that match a request, in the batch's order, fetched page by page. */
export async function* combinationsOf(
  connection: Connection,
  filter: MessageInitShape<typeof ListCombinationsRequestSchema>,
  signal?: AbortSignal,
): AsyncGenerator<CombinationStatus> {
  let pageToken = "";
  do {
    const request = { ...filter, pageSize: PAGE_SIZE, pageToken };
    const page = await call(connection, connection.batches.listCombinations(request, signal ? { signal } : {}));
    yield* page.combinations;
    pageToken = page.nextPageToken;
  } while (pageToken);
}
