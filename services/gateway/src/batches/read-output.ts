import { create } from "@bufbuild/protobuf";
import { type ReadOutputRequest, type ReadOutputResponse, ReadOutputResponseSchema } from "@polyreel/contract";
import { layOut } from "@polyreel/media/join/layout.js";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { Tenants } from "@polyreel/media/parts/tenants.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { factAt } from "@polyreel/platform/nats/follow.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

const CHUNK_BYTES = 256 * 1024;

/** Tells a video's bytes from its parts: the same as were delivered, wherever that is, and as fast as they are read. */
export function readOutput(deps: BatchDeps) {
  const tenants = new Tenants(deps.store, { cacheBytes: 64 << 20 });
  return async function* (request: ReadOutputRequest, signal: AbortSignal): AsyncGenerator<ReadOutputResponse> {
    const { status } = await knownBatch(deps.model, request.batchId);
    const known = await deps.model.combination(request.batchId, request.combinationId);
    const told = known?.renderedSequence ? await factAt(deps.stream, known.renderedSequence) : undefined;
    const combination = told?.name === "combination.rendered" ? told.fact.combination : undefined;
    if (!combination) throw notThere(request, known !== undefined);

    const { parts } = tenants.of(status.tenant);
    const clips = await Promise.all(
      combination.clips.map(async ({ hash }) => ({ hash, index: (await parts.clip(hash)) ?? lost() })),
    );
    const hash = combination.soundHash;
    const sound = hash ? { hash, index: (await parts.sound(hash)) ?? lost() } : undefined;
    const { header, segments, sizeBytes } = layOut(clips, sound, combination.tags);
    const description = { fileName: combination.fileName, sizeBytes: BigInt(sizeBytes) };
    yield create(ReadOutputResponseSchema, { part: { case: "description", value: description } });
    yield chunk(header);
    for (const { kind, hash, start, end } of segments) {
      for await (const bytes of ranges(parts, kind, hash, start, end)) {
        signal.throwIfAborted();
        yield chunk(bytes);
      }
    }
  };
}

async function* ranges(parts: PartStore, kind: "clip" | "sound", hash: string, start: number, end: number) {
  for (let from = start; from < end; from += CHUNK_BYTES) {
    yield await parts.read(kind, hash, from, Math.min(end, from + CHUNK_BYTES));
  }
}

const chunk = (bytes: Uint8Array): ReadOutputResponse =>
  create(ReadOutputResponseSchema, { part: { case: "chunk", value: new Uint8Array(bytes) } });

function notThere({ combinationId }: ReadOutputRequest, known: boolean): PolyreelError {
  return new PolyreelError("not_found", {
    field: "combination_id",
    reason: known
      ? `Combination ${combinationId} is not rendered.`
      : `The batch has no combination ${JSON.stringify(combinationId)}.`,
    remedy: "ListCombinations tells the combinations of a batch and how far they came.",
  });
}

function lost(): never {
  throw new PolyreelError("unavailable", {
    reason: "A part of this video is no longer in the store.",
    remedy: "Submit the batch again: what is missing is made again.",
  });
}
