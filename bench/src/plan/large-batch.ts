import { create } from "@bufbuild/protobuf";
import { type Batch, BatchSchema } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { batchOf } from "../pipeline/batch.js";

const CHOICES = 10;

/** A normalised batch of blocks of ten distinct choices: 10 to the power of `blocks` combinations. */
export function largeBatch(
  blocks: number,
  { footage, bed, keepSound }: { footage: string; bed: string; keepSound: boolean },
): Batch {
  const choices = Array.from({ length: blocks }, (_, block) =>
    Array.from({ length: CHOICES }, (_, i) => ({ sha256: footage, startSeconds: block * CHOICES + i })),
  );
  const batch = batchOf({ size: { width: 360, height: 640 }, blocks: choices, bedSha256: bed, keepSound });
  return normalizeBatch(create(BatchSchema, batch));
}

/** Required length of its footage. */
export const footageSeconds = (blocks: number): number => blocks * CHOICES;
