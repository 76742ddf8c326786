import { durationFromMs, timestampDate } from "@bufbuild/protobuf/wkt";
import { type CleanedBatch, CleanUpReason, type CleanUpResponse, type RemovedObjects } from "@polyreel/contract";
import { plainFailure } from "@polyreel/spec/rows";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { formatProblem } from "../problem.js";
import { fromFailure } from "../refusal.js";
import { counted, formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

export interface CleanUpOptions {
  server: string;
  olderThanMs?: number | undefined;
  maxBytes?: number | undefined;
  sourcesUnusedMs?: number | undefined;
  tenant?: string | undefined;
  dryRun?: boolean | undefined;
  json?: boolean | undefined;
}

/**
 * Runs a server's clean-up and prints what was (or would be) removed. The exit code is 1 if something could not be
 * removed.
 */
export async function cleanUp(options: CleanUpOptions, terminal: Terminal): Promise<number> {
  const { server, olderThanMs, maxBytes, sourcesUnusedMs, tenant, dryRun = false, json } = options;
  const connection = connectTo(server);
  try {
    return await interruptible(terminal, async (signal) => {
      const request = {
        ...(olderThanMs !== undefined && { olderThan: durationFromMs(olderThanMs) }),
        ...(maxBytes !== undefined && { maxBytes: BigInt(maxBytes) }),
        ...(sourcesUnusedMs !== undefined && { sourcesUnused: durationFromMs(sourcesUnusedMs) }),
        dryRun,
        whose:
          tenant === undefined
            ? { case: "allTenants" as const, value: true }
            : { case: "tenant" as const, value: tenant },
      };
      const response = await call(connection, connection.admin.cleanUp(request, { signal }));
      await terminal.print(json ? `${JSON.stringify({ dryRun, ...plain(response) })}\n` : text(response, dryRun));
      for (const { failure } of response.batches) {
        if (failure) terminal.note(`${formatProblem(fromFailure(failure), (words) => terminal.paint("red", words))}\n`);
      }
      return response.batches.some(({ failure }) => failure) ? exitCodes.failed : exitCodes.delivered;
    });
  } finally {
    connection.close();
  }
}

const REASONS: Readonly<Record<CleanUpReason, string>> = {
  [CleanUpReason.UNSPECIFIED]: "",
  [CleanUpReason.AGE]: "age",
  [CleanUpReason.SIZE]: "size",
};

const plain = ({ batches, parts, decodedSounds, sources, uploads }: CleanUpResponse): object => ({
  batches: batches.map((batch) => ({
    batchId: batch.batchId,
    tenant: batch.tenant,
    name: batch.name,
    ...(batch.endedAt && { endedAt: timestampDate(batch.endedAt).toISOString() }),
    bytes: Number(batch.bytes),
    reason: REASONS[batch.reason],
    parts: plainObjects(batch.parts),
    ...(batch.failure && { failure: plainFailure(batch.failure) }),
  })),
  parts: plainObjects(parts),
  decodedSounds: plainObjects(decodedSounds),
  sources: plainObjects(sources),
  uploads: plainObjects(uploads),
});

const plainObjects = (objects: RemovedObjects | undefined): object => ({
  count: Number(objects?.count ?? 0n),
  bytes: Number(objects?.bytes ?? 0n),
});

function text({ batches, parts, decodedSounds, sources, uploads }: CleanUpResponse, dryRun: boolean): string {
  const gone = batches.filter(({ failure }) => !failure);
  const bytes = gone.reduce((sum, batch) => sum + batch.bytes, 0n);
  const what = [
    ...(gone.length > 0 ? [`${counted(gone.length, "batch", "batches")} with ${formatBytes(bytes)} of videos`] : []),
    ...objects(parts, "part"),
    ...objects(decodedSounds, "decoded sound"),
    ...objects(sources, "source"),
    ...objects(uploads, "unfinished upload"),
  ];
  const all = what.length > 0 ? what.join(", ") : "nothing";
  return `${gone.map(line).join("")}${all} ${dryRun ? "would be removed" : "removed"}\n`;
}

const objects = (found: RemovedObjects | undefined, name: string): string[] =>
  found && found.count > 0n ? [`${counted(found.count, name)} (${formatBytes(found.bytes)})`] : [];

const SIZE_WIDTH = 9;
const REASON_WIDTH = 4;

function line({ batchId, name, endedAt, bytes, reason }: CleanedBatch): string {
  const when = endedAt ? timestampDate(endedAt).toISOString().slice(0, 16).replace("T", " ") : "";
  const size = formatBytes(bytes).padStart(SIZE_WIDTH);
  return `${batchId}  ${when}  ${size}  ${REASONS[reason].padEnd(REASON_WIDTH)}  ${name}\n`;
}
