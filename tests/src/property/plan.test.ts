import { Overrun } from "@polyreel/contract";
import { choicesOf, normalizeBatch } from "@polyreel/spec";
import { checkBatch } from "@polyreel/spec/checks";
import { expect, test } from "vitest";
import { batchOf } from "./batch-of.js";
import { type DrawnBatch, drawBatch, type Media } from "./draw-batch.js";
import { canBeMade, distinctPictures, keyOf, modelOf } from "./model.js";
import { type PlanFacts, planFacts, STILL_MARK } from "./plan-facts.js";
import { Random } from "./random.js";

const BATCHES = 300;
/** Determines the batches; a failure prints its own. */
const SEED = 20_260;

const hash = (mark: string) => mark.repeat(64);
const MEDIA: Media = {
  footage: ["a", "b", "c"].map(hash),
  stills: [STILL_MARK].map(hash),
  beds: ["d", "e"].map(hash),
};

test(`plans ${BATCHES} random batches as a model enumerates them`, async () => {
  const met = { combinations: 0, failed: 0, ruled: 0, sampled: 0, empty: 0 };
  for (let i = 0; i < BATCHES; i++) {
    const random = new Random(SEED + i);
    const drawn = drawBatch(random, MEDIA);
    try {
      await checkPlan(drawn, random, met);
    } catch (error) {
      throw new Error(`Seed ${SEED + i}: ${JSON.stringify(drawn)}`, { cause: error });
    }
  }
  // Ensures that the drawn batches exercise everything checked below.
  expect(met.combinations).toBeGreaterThan(10 * BATCHES);
  for (const count of [met.failed, met.ruled, met.sampled, met.empty]) expect(count).toBeGreaterThan(BATCHES / 20);
});

async function checkPlan(drawn: DrawnBatch, random: Random, met: Record<string, number>): Promise<void> {
  const batch = batchOf(drawn);
  const model = modelOf(drawn);
  expect(checkBatch(normalizeBatch(batch)).map(({ reason }) => reason)).toEqual([]);
  const plan = await planFacts(batch, random);
  const all = model.map(keyOf);
  const keys = keysInOrder(plan);
  met.combinations = (met.combinations ?? 0) + keys.length;
  if (drawn.rules.length > 0) met.ruled = (met.ruled ?? 0) + 1;
  if (model.length === 0) met.empty = (met.empty ?? 0) + 1;

  let planned = [plan];
  if (drawn.sample) {
    met.sampled = (met.sampled ?? 0) + 1;
    expect(keys.length).toBe(Math.min(drawn.sample.count, all.length));
    expect(keys).toEqual(all.filter((key) => keys.includes(key)));
    const rest = batchOf({ ...drawn, sample: undefined });
    rest.continues = "b0";
    planned = [plan, await planFacts(rest, random, [batch])];
  } else expect(keys).toEqual(all);
  expectSame(planned.flatMap(keysInOrder), all);

  const made = planned.flatMap(({ combinations }) => combinations);
  const failed = planned.flatMap((one) => one.failed);
  met.failed = (met.failed ?? 0) + failed.length;
  expectSame(
    made.map(({ choices }) => labelsKey(choices.map(({ choice }) => choice))),
    model.filter(canBeMade).map(keyOf),
  );
  expect(new Set([...made, ...failed].map(({ id }) => id)).size).toBe(model.length);
  // Also on file systems that ignore case or Unicode composition.
  const names = made.map(({ fileName }) => fileName.normalize("NFC").toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  for (const { fileName } of made) {
    expect(fileName).not.toMatch(/[/\\:*?"<>|\n]/);
    expect(Buffer.byteLength(fileName)).toBeLessThanOrEqual(255);
  }

  for (const { clips, sounds, combinations, usedTooEarly } of planned) {
    const uses = new Set(combinations.flatMap((one) => one.clips.map((clip) => clip.hash)));
    expect([...clips].sort()).toEqual([...uses].sort());
    expect([...sounds].sort()).toEqual([...new Set(combinations.flatMap(({ soundHash }) => soundHash || []))].sort());
    expect(usedTooEarly).toEqual([]);
  }
  const holds = drawn.blocks.some(({ kind, overrun }) => kind === "voice" && overrun === Overrun.EXTEND);
  if (!holds) {
    const distinct = new Set(planned.flatMap(({ clips }) => clips));
    expect(distinct.size).toBe(distinctPictures(model.filter(canBeMade)).size);
  }
  expect(batch.blocks.map((block) => choicesOf(block).length)).toEqual(
    drawn.blocks.map(({ choices }) => choices.length),
  );
}

/** Compares only the differences: the full lists have hundreds of entries. */
function expectSame(found: readonly string[], expected: readonly string[]): void {
  expect({
    unexpected: found.filter((one) => !expected.includes(one)).slice(0, 3),
    missing: expected.filter((one) => !found.includes(one)).slice(0, 3),
    count: found.length,
  }).toEqual({ unexpected: [], missing: [], count: expected.length });
}

const labelsKey = (labels: readonly string[]): string => JSON.stringify(labels);

/** All combinations, valid or not, in the order of their ordinals. */
function keysInOrder({ combinations, failed }: PlanFacts): string[] {
  const all = [
    ...combinations.map(({ ordinal, choices }) => ({
      ordinal: Number(ordinal),
      key: labelsKey(choices.map(({ choice }) => choice)),
    })),
    ...failed.map(({ ordinal, labels }) => ({ ordinal, key: labelsKey(labels) })),
  ];
  return all.sort((a, b) => a.ordinal - b.ordinal).map(({ key }) => key);
}
