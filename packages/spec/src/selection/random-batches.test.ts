import { create } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, SampleSchema } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { choicesOf } from "../choices.js";
import { normalizeBatch } from "../normalize.js";
import { type Selected, selectionOf } from "./selection.js";
import { batchOf, block, labels, portraitAndSquare } from "./testing/small-batches.js";

/** Deterministic random numbers (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A batch of a few blocks, some linked, with rules over the labels of any two or three of them. */
function randomBatch(seed: number): { batch: Batch; allowed: (labels: Record<string, string>) => boolean } {
  const below = random(seed);
  const linkSize = 1 + below(4);
  const blocks = Array.from({ length: 2 + below(4) }, (_, i) => {
    const linked = below(4) === 0;
    const size = linked ? linkSize : 1 + below(5);
    return block(
      `b${i}`,
      Array.from({ length: size }, (_, j) => `${j}`),
      linked ? "l" : "",
    );
  });
  const canvases = below(3) === 0 ? portraitAndSquare : [];
  const names = [...blocks.map(({ name }) => name ?? ""), ...(canvases.length > 0 ? ["canvas"] : [])];
  const pick = () => names[below(names.length)] ?? "";
  const rules = Array.from({ length: below(4) }, () => {
    const [a, b, c] = [pick(), pick(), pick()];
    return [
      { text: `${a} != ${b} || ${c} == ${a}`, holds: (l: Record<string, string>) => l[a] !== l[b] || l[c] === l[a] },
      { text: `${a} <= ${b}`, holds: (l: Record<string, string>) => (l[a] ?? "") <= (l[b] ?? "") },
      {
        text: `size(choice) > 0 && !(${a} == ${b} && ${b} == ${c})`,
        holds: (l: Record<string, string>) => !(l[a] === l[b] && l[b] === l[c]),
      },
    ][below(3)] as { text: string; holds: (l: Record<string, string>) => boolean };
  });
  return {
    batch: batchOf(blocks, { canvases, where: rules.map(({ text }) => text) }),
    allowed: (chosen) => rules.every(({ holds }) => holds(chosen)),
  };
}

/** Every combination by nested loops, with every rule implemented by hand. */
function bruteForce({ batch, allowed }: ReturnType<typeof randomBatch>): string[] {
  const digits = [
    { size: Math.max(1, batch.canvases.length), blocks: [] as number[] },
    ...batch.blocks.flatMap((one, i) => {
      const together = batch.blocks.flatMap((other, j) => (one.link && other.link === one.link ? [j] : []));
      return one.link && together[0] !== i ? [] : [{ size: choicesOf(one).length, blocks: one.link ? together : [i] }];
    }),
  ];
  let rows: number[][] = [[]];
  for (const { size } of digits) rows = rows.flatMap((row) => Array.from({ length: size }, (_, d) => [...row, d]));
  return rows.flatMap((row) => {
    const chosen = batch.blocks.map((one, i) => {
      const digit = row[digits.findIndex(({ blocks }) => blocks.includes(i))] ?? 0;
      return choicesOf(one)[digit]?.label ?? "";
    });
    const canvas = batch.canvases[row[0] ?? 0]?.label;
    const named = Object.fromEntries(batch.blocks.map(({ name }, i) => [name, chosen[i] ?? ""]));
    if (!allowed({ ...named, ...(canvas && { canvas }) })) return [];
    return [[...(canvas ? [canvas] : []), ...chosen].join(" ")];
  });
}

describe("random batches", () => {
  it("give exactly the combinations of nested loops and hand-written rules, in that order", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const made = randomBatch(seed);
      const expected = bruteForce(made);
      const selection = selectionOf(made.batch);
      expect(labels(made.batch, selection), `seed ${seed}`).toEqual(expected);
      expect(labels(made.batch, selection), `seed ${seed}, again`).toEqual(expected);
      expect(await selection.count()).toBe(expected.length);
    }
  });

  it("are sampled in their order, and continued by exactly the others", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const made = randomBatch(seed);
      const below = random(seed + 1000);
      const all = bruteForce(made);
      const sample = create(SampleSchema, { count: BigInt(1 + below(all.length + 2)), seed: BigInt(below(5)) });
      const first = normalizeBatch(create(BatchSchema, { ...made.batch, sample }));
      const second = normalizeBatch(create(BatchSchema, { ...made.batch, sample: { ...sample, seed: 3n } }));
      const drawn = labels(first);
      const drawnNext = labels(second, selectionOf(second, [first]));
      const rest = labels(made.batch, selectionOf(made.batch, [first, second]));

      const inOrder = (some: string[]) => all.filter((one) => some.includes(one));
      expect(drawn, `seed ${seed}`).toEqual(inOrder(drawn));
      expect(drawnNext, `seed ${seed}`).toEqual(inOrder(drawnNext));
      expect(drawn.length).toBe(Math.min(Number(sample.count), all.length));
      expect(drawnNext.length).toBe(Math.min(Number(sample.count), all.length - drawn.length));
      expect(rest, `seed ${seed}`).toEqual(all.filter((one) => !drawn.includes(one) && !drawnNext.includes(one)));
      expect([...drawn, ...drawnNext, ...rest].sort()).toEqual([...all].sort());
      expect(await selectionOf(first).count()).toBe(drawn.length);
      expect(await selectionOf(second, [first]).count()).toBe(drawnNext.length);
      expect(await selectionOf(made.batch, [first, second]).count()).toBe(rest.length);
    }
  });

  it("come in waves, each combination with the latest of its choices, in order and with its ordinal", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const made = randomBatch(seed);
      const below = random(seed + 2000);
      const some = { ...made.batch, ...(below(2) === 0 && { sample: create(SampleSchema, { count: 20n, seed: 5n }) }) };
      const batch = normalizeBatch(create(BatchSchema, some));
      const earlier =
        below(2) === 0
          ? [normalizeBatch(create(BatchSchema, { ...batch, sample: create(SampleSchema, { count: 7n }) }))]
          : [];
      const known = batch.blocks.map((one) => choicesOf(one).map(() => 1 + below(4)));
      const canvases = [1 + below(4), 1 + below(4)];
      const waveOf = ({ positions, canvas }: Selected) =>
        Math.max(canvases[canvas] ?? 1, ...positions.map((position, block) => known[block]?.[position] ?? 1));
      const selection = selectionOf(batch, earlier);
      const all = [...selection.combinations()];
      for (let now = 1; now <= 4; now++) {
        // Unknown choices are later than any wave.
        const untilNow = (wave = 1) => (wave > now ? Number.POSITIVE_INFINITY : wave);
        const waves = {
          now,
          choice: (block: number, position: number) => untilNow(known[block]?.[position]),
          canvas: (canvas: number) => untilNow(canvases[canvas]),
        };
        expect([...selection.combinations(waves)], `seed ${seed}, wave ${now}`).toEqual(
          all.filter((one) => waveOf(one) === now),
        );
      }
    }
  });

  it("are found in each of many waves without scanning the others", () => {
    const labels = Array.from({ length: 100 }, (_, i) => `${i}`);
    const batch = batchOf([block("a", labels), block("b", labels), block("c", labels)]);
    const selection = selectionOf(batch);
    const began = performance.now();
    let met = 0;
    for (let now = 1; now <= 300; now++) {
      const choice = (of: number, position: number) => (of === 0 ? 1 + position : 1);
      for (const _ of selection.combinations({ now, choice, canvas: () => 1 })) met++;
    }
    expect(met).toBe(1_000_000);
    // Scanning a million in each of 300 waves would take a minute.
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});
