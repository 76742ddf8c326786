import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { type Batch, BatchSchema, type BlockSchema, SampleSchema } from "../../gen/polyreel/v1/batch_pb.js";
import { choicesOf } from "../choices.js";
import { combinationCount } from "../combination-count.js";
import { SpecError } from "../mistake.js";
import { normalizeBatch } from "../normalize.js";
import { type Selection, selectionOf } from "./selection.js";

type BlockInit = MessageInitShape<typeof BlockSchema>;
type BatchInit = MessageInitShape<typeof BatchSchema>;
type Labels = readonly (string | { label: string; metadata: Record<string, string> })[];

const block = (name: string, labels: Labels, link = ""): BlockInit => ({
  name,
  link,
  kind: {
    case: "text",
    value: { choices: labels.map((label) => (typeof label === "string" ? { label } : label)) },
  },
});
const batchOf = (blocks: BlockInit[], rest: BatchInit = {}): Batch =>
  normalizeBatch(create(BatchSchema, { blocks, ...rest }));
const portraitAndSquare = [
  { width: 720, height: 1280, label: "tall" },
  { width: 720, height: 720, label: "square" },
];

/** Labels of each combination, joined; the canvas first where there are several. */
function labels(batch: Batch, selection: Selection = selectionOf(batch)): string[] {
  return [...selection.combinations()].map(({ positions, canvas, ordinal }, i) => {
    expect(ordinal).toBe(i);
    const chosen = batch.blocks.map((one, index) => choicesOf(one)[positions[index] ?? -1]?.label);
    return [...(batch.canvases.length > 0 ? [batch.canvases[canvas]?.label] : []), ...chosen].join(" ");
  });
}

const mistakeOf = (batch: Batch) => {
  try {
    selectionOf(batch);
  } catch (error) {
    if (error instanceof SpecError) return error.mistakes[0];
    throw error;
  }
  throw new Error("nothing was wrong");
};

describe("selectionOf", () => {
  const ab = block("one", ["a", "b"]);
  const xyz = block("two", ["x", "y", "z"]);
  const hooks = block("hook", [
    { label: "friday", metadata: { lang: "en", n: "7" } },
    { label: "freitag", metadata: { lang: "de" } },
  ]);

  it.each<[string, Batch, string[]]>([
    ["everything, the last block fastest", batchOf([ab, xyz]), ["a x", "a y", "a z", "b x", "b y", "b z"]],
    ["one block", batchOf([ab]), ["a", "b"]],
    [
      "linked blocks, together at the first one's place",
      batchOf([block("one", ["a", "b"], "l"), xyz, block("three", ["A", "B"], "l")]),
      ["a x A", "a y A", "a z A", "b x B", "b y B", "b z B"],
    ],
    [
      "two links",
      batchOf([
        block("one", ["a", "b"], "l"),
        block("two", ["x", "y"], "m"),
        block("three", ["A", "B"], "l"),
        block("four", ["X", "Y"], "m"),
      ]),
      ["a x A X", "a y A Y", "b x B X", "b y B Y"],
    ],
    [
      "several canvases, slowest of all",
      batchOf([ab], { canvases: portraitAndSquare }),
      ["tall a", "tall b", "square a", "square b"],
    ],
    ["what a rule leaves", batchOf([ab, xyz], { where: ["one != 'a' || two == 'y'"] }), ["a y", "b x", "b y", "b z"]],
    ["what all rules leave", batchOf([ab, xyz], { where: ["one == 'b'", "two in ['x', 'z']"] }), ["b x", "b z"]],
    [
      "by canvas",
      batchOf([ab], { canvases: portraitAndSquare, where: ["canvas == 'tall' || one == 'b'"] }),
      ["tall a", "tall b", "square b"],
    ],
    [
      "by the label of the one canvas",
      batchOf([ab], { canvas: { width: 720, height: 720 }, where: ["canvas == '720x720'"] }),
      ["a", "b"],
    ],
    ["by metadata", batchOf([hooks, xyz], { where: ["meta.hook.lang == 'de' && two == 'x'"] }), ["freitag x"]],
    ["by metadata that some choices have", batchOf([hooks], { where: ["has(meta.hook.n)"] }), ["friday"]],
    ["by metadata that some choices have not", batchOf([hooks], { where: ["meta.hook.n == ''"] }), ["freitag"]],
    ["by metadata as a number", batchOf([hooks], { where: ["has(meta.hook.n) && int(meta.hook.n) > 3"] }), ["friday"]],
    [
      "blocks whose names are no identifiers",
      batchOf([block("call-to-action", ["buy", "try"]), ab], { where: [`choice["call-to-action"] == "buy"`] }),
      ["buy a", "buy b"],
    ],
    [
      "metadata of such blocks",
      batchOf([block("a-b", [{ label: "p", metadata: { k: "1" } }, "q"])], {
        where: [`has(meta["a-b"].k) && meta["a-b"]["k"] == "1"`],
      }),
      ["p"],
    ],
    [
      "a choice named at run time",
      batchOf([ab, xyz], { where: ["['one', 'two'].exists(name, choice[name] == 'z')"] }),
      ["a z", "b z"],
    ],
    [
      "a block called like a property of every object",
      batchOf([block("constructor", ["a", "b"])], { where: ["constructor == 'b'"] }),
      ["b"],
    ],
    ["nothing", batchOf([ab, xyz], { where: ["one == 'a'", "one == 'b'"] }), []],
  ])("takes %s", async (_, batch, expected) => {
    expect(labels(batch)).toEqual(expected);
    expect(await selectionOf(batch).count()).toBe(expected.length);
  });

  it.each<[string, string, string]>([
    ["one = 'a'", 'The rule "one = \'a\'" can\'t be read: "=" is out of place, at character 5.', "Rules are CEL"],
    ["one == 'a' &&\ntwo ~ 'x'", '"~" is out of place, in line 2 at character 5.', "Rules are CEL"],
    ["", "can't be read: it ends too early, at character 1.", "Rules are CEL"],
    ["loop == 'a'", "it uses a reserved word, at character 1.", 'choice["name"]'],
    ["two == 'x' && onee == 'a'", 'speaks of "onee", and there is no block of that name, at character 15.', '"one"?'],
    ["choice['onee'] == 'a'", 'speaks of "onee"', 'Did you mean "one"?'],
    ["meta.on.k == 'a'", 'speaks of "on"', 'Did you mean "one"?'],
    ["one == 'c'", 'compares block "one" with "c", a label that none has, at character 8.', '"a" and "b"'],
    ["'c' != one", 'compares block "one" with "c"', '"a" and "b"'],
    ["two in ['x', 'w']", 'compares block "two" with "w"', '"x", "y" and "z"'],
    ["canvas == 'wide'", 'compares the canvas with "wide"', '"1080x1920"'],
    ["meta.hook.lng == 'en'", 'asks for "lng" of block "hook"', '"lang" and "n"'],
    ["meta.one.lang == 'en'", 'asks for "lang" of block "one"', "Give its choices metadata."],
    ["one", "is neither true nor false.", "Compare it"],
    ["size(one)", "is neither true nor false.", "Compare it"],
    ["one < 3", "can't be worked out (found no matching overload for '_<_' applied to '(string, int)')", "texts"],
    ["foo(one) == 1", "can't be worked out (unbound function: foo)", "texts"],
  ])("refuses the rule %j", (rule, reason, remedy) => {
    const mistake = mistakeOf(batchOf([ab, xyz, hooks], { where: ["true", rule] }));
    expect(mistake?.field).toBe("where[1]");
    expect(mistake?.reason).toContain(reason);
    expect(mistake?.remedy).toContain(remedy);
  });

  it("tells for which combination a rule can't be worked out", async () => {
    const selection = selectionOf(batchOf([hooks, ab], { where: ["one == 'a' || int(meta.hook.lang) > 3"] }));
    await expect(selection.count()).rejects.toThrow(/can't be worked out for hook "friday", one "b"/);
  });

  it("refuses links of unequal numbers of choices", () => {
    const batch = batchOf([block("one", ["a", "b"], "l"), ab, block("three", ["A"], "l")]);
    expect(mistakeOf(batch)).toMatchObject({
      block: "three",
      field: "blocks[2].link",
      reason: 'Blocks linked by "l" have unequal numbers of choices: "one" has 2, "three" has 1.',
    });
  });

  it("counts beyond what can be listed", async () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      block(
        `b${i}`,
        Array.from({ length: 10 }, (_, j) => `${j}`),
      ),
    );
    const batch = batchOf(many, { where: ["b0 == b39", "b1 != b2"] });
    expect(await selectionOf(batch).count()).toBeCloseTo(9e38, -25);
    expect(combinationCount(batch)).toBe(10n ** 40n);
    const first = selectionOf(batch).combinations().next();
    expect(first.value).toMatchObject({ ordinal: 0 });
  });

  it("refuses a sample from more than it can draw from", async () => {
    const many = Array.from({ length: 16 }, (_, i) =>
      block(
        `b${i}`,
        Array.from({ length: 10 }, (_, j) => `${j}`),
      ),
    );
    const selection = selectionOf(batchOf(many, { sample: { count: 3n } }));
    await expect(selection.count()).rejects.toThrow("more combinations than a sample can be drawn from");
  });

  it("gives up on rules that can't be told apart in time, and when asked to", async () => {
    const many = Array.from({ length: 12 }, (_, i) =>
      block(
        `b${i}`,
        Array.from({ length: 10 }, (_, j) => `${j}`),
      ),
    );
    const pairs = Array.from({ length: 6 }, (_, i) => `b${i} != b${i + 6}`);
    await expect(selectionOf(batchOf(many, { where: pairs })).count()).rejects.toThrow("tie so many blocks");
    const neighbours = Array.from({ length: 6 }, (_, i) => `b${2 * i} != b${2 * i + 1}`);
    expect(await selectionOf(batchOf(many, { where: neighbours })).count()).toBe(90 ** 6);
    const sum = many.map(({ name }) => name).join(" + ");
    const cancelled = selectionOf(batchOf(many, { where: [`${sum} != ''`] }));
    await expect(cancelled.count(AbortSignal.timeout(20))).rejects.toThrow(/timeout/i);
  });
});

/** Random numbers that are the same at every run (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A batch of a few blocks, some linked, with rules in which labels of any two or three of them meet. */
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

/** Every combination by nested counting and every rule by hand. */
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
  it("give exactly what nested counting and rules by hand give, in that order", async () => {
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
});

describe("samples", () => {
  const digits = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
  const sampled = (sizes: number[], count: number, seed: number, where: string[] = []) =>
    batchOf(
      sizes.map((size, i) => block(`b${i}`, digits(size))),
      { sample: { count: BigInt(count), seed: BigInt(seed) }, where },
    );

  it("are the same for the same seed, and others for another", () => {
    const seven = labels(sampled([10, 10, 10], 20, 7));
    expect(labels(sampled([10, 10, 10], 20, 7))).toEqual(seven);
    expect(labels(sampled([10, 10, 10], 20, 8))).not.toEqual(seven);
    expect(new Set(seven).size).toBe(20);
  });

  it("grow by adding", () => {
    const few = labels(sampled([10, 10, 10], 20, 7));
    expect(labels(sampled([10, 10, 10], 100, 7))).toEqual(expect.arrayContaining(few));
  });

  it.each([[[12]], [[3, 4]], [[7, 13]]])("of %j draw each combination about as often, over many seeds", (sizes) => {
    const total = sizes.reduce((product, size) => product * size, 1);
    const times = new Map<string, number>();
    const seeds = 100 * total;
    for (let seed = 0; seed < seeds; seed++) {
      for (const one of labels(sampled(sizes, 1, seed))) times.set(one, (times.get(one) ?? 0) + 1);
    }
    // 100 expected of each, standard deviation 10: five of them are met once in a million draws.
    for (const count of times.values()) expect(Math.abs(count - 100)).toBeLessThan(50);
    expect(times.size).toBe(total);
  });

  it("spread over every choice", () => {
    const drawn = labels(sampled([10, 10, 10, 10, 10, 10], 1000, 1));
    for (let place = 0; place < 6; place++) {
      for (const digit of digits(10)) {
        // 100 expected, standard deviation 9.5.
        const count = drawn.filter((one) => one.split(" ")[place] === digit).length;
        expect(Math.abs(count - 100)).toBeLessThan(50);
      }
    }
  });

  it("are drawn from far more than can be listed, with and without rules", async () => {
    const huge = sampled(Array(12).fill(10), 1000, 5, ["b0 != b11"]);
    const drawn = labels(huge);
    expect(drawn.length).toBe(1000);
    expect(new Set(drawn).size).toBe(1000);
    expect(drawn.every((one) => one.split(" ")[0] !== one.split(" ")[11])).toBe(true);
    expect(drawn).toEqual([...drawn].sort());
    expect(await selectionOf(huge).count()).toBe(1000);
  });
});
