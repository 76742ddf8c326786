import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { BatchState, BatchStatus } from "@polyreel/contract";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { BATCH_STATE_NAMES, nameOfState } from "../flags/batch-states.js";
import { plainApproval } from "../report/plain-approval.js";
import type { Terminal } from "../terminal/terminal.js";

export interface ListBatchesOptions {
  server: string;
  tenant?: string | undefined;
  name?: string | undefined;
  states: BatchState[];
  sort?: string | undefined;
  json?: boolean | undefined;
}

const PAGE_SIZE = 500;

/** Prints a server's batches, one a line, newest first unless sorted otherwise. */
export async function listBatches(
  { server, tenant = "", name = "", states, sort = "", json }: ListBatchesOptions,
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    let none = true;
    for await (const batch of batchesOf(connection, { tenant, text: name, states, orderBy: sort })) {
      if (terminal.discarded) return;
      none = false;
      await terminal.print(json ? `${JSON.stringify(plain(batch))}\n` : textLine(batch));
    }
    if (none && !json) terminal.note("There is no batch like that.\n");
  } finally {
    connection.close();
  }
}

async function* batchesOf(
  connection: Connection,
  filter: { tenant: string; text: string; states: BatchState[]; orderBy: string },
): AsyncGenerator<BatchStatus> {
  let pageToken = "";
  do {
    const page = await call(connection, connection.batches.listBatches({ ...filter, pageSize: PAGE_SIZE, pageToken }));
    yield* page.batches;
    pageToken = page.nextPageToken;
  } while (pageToken);
}

function plain({
  batchId,
  tenant,
  name,
  state,
  approve,
  combinations,
  submittedAt,
  finishedAt,
  traceId,
}: BatchStatus): object {
  return {
    batchId,
    tenant,
    name,
    state: nameOfState(state),
    combinations: {
      total: Number(combinations?.total ?? 0n),
      delivered: Number(combinations?.delivered ?? 0n),
      failed: Number(combinations?.failed ?? 0n),
      ...(approve && plainApproval(combinations)),
    },
    ...(submittedAt && { submittedAt: timestampDate(submittedAt).toISOString() }),
    ...(finishedAt && { finishedAt: timestampDate(finishedAt).toISOString() }),
    ...(traceId && { traceId }),
  };
}

const STATE_WIDTH = Math.max(...Object.keys(BATCH_STATE_NAMES).map(({ length }) => length));

function textLine({ batchId, name, state, combinations, submittedAt }: BatchStatus): string {
  const { total = 0n, delivered = 0n, failed = 0n, awaitingApproval = 0n, rejected = 0n } = combinations ?? {};
  const when = submittedAt ? timestampDate(submittedAt).toISOString().slice(0, 16).replace("T", " ") : "";
  const counts = [
    `${delivered}/${total}`,
    ...(failed > 0n ? [`${failed} failed`] : []),
    ...(awaitingApproval > 0n ? [`${awaitingApproval} awaiting approval`] : []),
    ...(rejected > 0n ? [`${rejected} rejected`] : []),
  ];
  return `${batchId}  ${when}  ${nameOfState(state).padEnd(STATE_WIDTH)}  ${counts.join(", ")}  ${name}\n`;
}
