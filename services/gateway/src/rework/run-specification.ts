import { createHash } from "node:crypto";
import { equals, toBinary } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, type BatchSubmitted, type FoundSource } from "@polyreel/contract";
import { Sources } from "@polyreel/parts/sources";
import { readSpecification } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { planKey, type Store } from "@polyreel/platform/blobs";
import type { FactMessage } from "@polyreel/platform/stream";
import { withFoundSources } from "@polyreel/spec";
import pLimit from "p-limit";

/** The specification of a resumed run: the submitted one, with sources that this run or earlier ones have found. */
export interface RunSpecification {
  /** SHA-256, as in `batch.resumed`; empty: as submitted. */
  readonly specSha256: string;
  /** Failed combinations that were planned before this position in the stream were planned without such a source. */
  readonly foundAt: number;
  readonly batch: Batch;
  /** Stores it, before a fact names it. */
  keep(): Promise<void>;
}

interface Run {
  /** Its tenant's. */
  readonly store: Store;
  readonly submitted: BatchSubmitted;
  /** Earlier runs, in order. */
  readonly runs: readonly FactMessage<"batch.resumed">[];
  readonly signal: AbortSignal;
}

const CHECKS_AT_ONCE = 32;

/** Throws PolyreelError `invalid` for a source that was not missing, and `precondition` for one that is not stored. */
export async function runSpecification(
  found: readonly FoundSource[],
  { store, submitted, runs, signal }: Run,
): Promise<RunSpecification> {
  const { batchId } = submitted;
  const specSha256 = runs.findLast(({ fact }) => fact.specSha256 !== "")?.fact.specSha256 ?? "";
  const before = await readSpecification(store, { batchId, specSha256: specSha256 || submitted.specSha256 });
  const first = specSha256 && runs.find(({ fact }) => fact.specSha256 === specSha256);
  const unchanged = { specSha256, foundAt: first ? first.sequence : 0, batch: before, keep: async () => {} };
  if (found.length === 0) return unchanged;
  const asSubmitted = specSha256 === "" ? before : await readSpecification(store, submitted);
  const { batch, mistake } = withFoundSources(before, asSubmitted, found);
  if (mistake) throw new PolyreelError("invalid", mistake);
  await assertStored(found, store, signal);
  if (equals(BatchSchema, batch, before)) return unchanged;
  const bytes = toBinary(BatchSchema, batch);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  // If another gateway is faster, nothing names it; it is removed with the batch.
  const keep = () => store.put(planKey(batchId, sha256), bytes).then(() => {});
  return { specSha256: sha256, foundAt: Number.POSITIVE_INFINITY, batch, keep };
}

async function assertStored(found: readonly FoundSource[], store: Store, signal: AbortSignal): Promise<void> {
  const sources = new Sources(store, () => {});
  const atOnce = pLimit(CHECKS_AT_ONCE);
  const known = new Map<string, Promise<boolean>>();
  for (const { sha256 } of found) {
    if (!known.has(sha256))
      known.set(
        sha256,
        atOnce(() => sources.has(sha256, signal)),
      );
  }
  for (const [i, { block, choice, sha256 }] of found.entries()) {
    if (await known.get(sha256)) continue;
    throw new PolyreelError("precondition", {
      ...{ block, choice, field: `sources[${i}].sha256` },
      reason: "The server does not have the bytes of this source.",
      remedy: "Upload the file with PutSource first, under the tenant of the batch.",
    });
  }
}
