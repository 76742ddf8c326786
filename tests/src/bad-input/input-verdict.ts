import { join } from "node:path";
import { type CombinationStatus, joinOf } from "@polyreel/contract";
import { decodedFrameCount } from "@polyreel/media/testing";
import { expect } from "vitest";
import { type Ended, labels, manifestOf } from "../testing/batches.js";
import type { Pipeline } from "../testing/pipeline.js";

/** Expected reasons of bad choices, by block and label. */
export type BadChoices = Readonly<Record<string, Readonly<Record<string, RegExp>>>>;

/**
 * Checks that exactly the combinations with a bad choice failed, with choice, reason and remedy, that all others are
 * delivered completely, and that the manifest agrees.
 */
export async function expectVerdict(pipeline: Pipeline, { batchId, status, combinations }: Ended, bad: BadChoices) {
  const badOf = ({ choices }: CombinationStatus) => choices.filter(({ block, choice }) => bad[block]?.[choice]);
  const failed = combinations.filter(({ failure }) => failure);
  expect(failed.map(labels)).toEqual(combinations.filter((one) => badOf(one).length > 0).map(labels));
  for (const one of failed) {
    const { block = "", choice = "", reason, remedy } = one.failure ?? {};
    expect(badOf(one), labels(one)).toContainEqual(expect.objectContaining({ block, choice }));
    expect(reason, labels(one)).toMatch(bad[block]?.[choice] ?? /never/);
    expect(remedy, labels(one)).not.toBe("");
    expect(`${reason} ${remedy}`, "paths of this machine").not.toContain(pipeline.folder);
  }

  const delivered = combinations.filter(({ path }) => path);
  expect(delivered.length + failed.length).toBe(combinations.length);
  expect(status.combinations).toMatchObject({
    total: BigInt(combinations.length),
    delivered: BigInt(delivered.length),
    failed: BigInt(failed.length),
  });
  for (const one of delivered) {
    const frames = await decodedFrameCount(join(pipeline.out, one.path));
    expect(frames, labels(one)).toBe(Number(joinOf(one.certificate)?.frames));
  }

  const rows = await manifestOf(pipeline, batchId);
  const reported = combinations.map(({ id, failure }) =>
    failure
      ? { id, status: "failed", failure: expect.objectContaining({ reason: failure.reason, remedy: failure.remedy }) }
      : { id, status: "delivered" },
  );
  expect(rows).toMatchObject(reported);
}
