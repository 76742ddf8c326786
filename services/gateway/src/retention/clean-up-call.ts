import { create } from "@bufbuild/protobuf";
import { durationMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type CleanedBatch,
  CleanedBatchSchema,
  CleanUpReason,
  type CleanUpRequest,
  type CleanUpResponse,
  CleanUpResponseSchema,
} from "@polyreel/contract";
import type { Removed } from "../batches/own-parts.js";
import { ALL_TENANTS } from "../call/call.js";
import { type Cleaned, type Cleaner, cleanUpUnderWay } from "./cleaner.js";

const NEVER = Number.POSITIVE_INFINITY;

/** Cleans up by a client's request; without age and size, by the gateway's configured retention. */
export async function cleanUpCall(
  { cleaner }: { readonly cleaner: Cleaner },
  { olderThan, maxBytes, sourcesUnused, dryRun, whose }: CleanUpRequest,
  signal: AbortSignal,
): Promise<CleanUpResponse> {
  const limits =
    olderThan === undefined && maxBytes === undefined && sourcesUnused === undefined
      ? cleaner.config
      : {
          olderThanMs: olderThan ? durationMs(olderThan) : NEVER,
          maxBytes: maxBytes === undefined ? NEVER : Number(maxBytes),
          sourcesUnusedMs: sourcesUnused ? durationMs(sourcesUnused) : NEVER,
        };
  const scope = whose.case === "tenant" ? { tenant: whose.value } : ALL_TENANTS;
  const report = await cleaner.tryCleanUp({ ...limits, scope, dryRun }, signal);
  if (!report) throw cleanUpUnderWay();
  const { batches, decodedSounds, sources, uploads } = report;
  return create(CleanUpResponseSchema, {
    batches: batches.map(cleanedMessage),
    parts: objects(totalOf(batches.map(({ parts }) => parts))),
    decodedSounds: objects(decodedSounds),
    sources: objects(sources),
    uploads: objects(uploads),
  });
}

export const totalOf = (all: readonly Removed[]): Removed => ({
  count: all.reduce((sum, { count }) => sum + count, 0),
  bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
});

const REASONS = { age: CleanUpReason.AGE, size: CleanUpReason.SIZE } as const;

const cleanedMessage = ({ batch, reason, parts, failure }: Cleaned): CleanedBatch =>
  create(CleanedBatchSchema, {
    batchId: batch.batchId,
    tenant: batch.tenant,
    name: batch.name,
    ...(batch.endedAt && { endedAt: timestampFromDate(batch.endedAt) }),
    bytes: BigInt(batch.bytes),
    reason: REASONS[reason],
    parts: objects(parts),
    ...(failure && { failure }),
  });

const objects = ({ count, bytes }: Removed) => ({ count: BigInt(count), bytes: BigInt(bytes) });
