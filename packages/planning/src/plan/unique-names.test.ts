import { create } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { choicesOf, normalizeBatch } from "@polyreel/spec";
import { expect, it } from "vitest";
import { enumerate } from "./enumeration.js";
import { namingOf } from "./naming.js";

/** Labels with easily confused names. */
const LABELS = [
  "a",
  "A",
  "b",
  "a_b",
  "b_a",
  "a-b",
  "_a",
  "a_",
  "-",
  "con",
  "nul",
  "ß",
  "SS",
  "x/y",
  "x:y",
  "é",
  "e\u0301",
  "1",
  "",
  ".",
  "a.sheet",
  "A.Sheet",
  "b.sheet",
  "\u0130",
  "i\u0307",
];
/** As of a batch with posters and contact sheets. */
const SUFFIXES = [".mp4", ".jpg", ".sheet.jpg"];
const TEMPLATES = [
  "",
  "{b0}_{b1}",
  "{b0}{b1}",
  "{b0}-{b1}",
  "{b1}_x_{b0}",
  "co{b0}_{b1}",
  "{b0}_{b1}_",
  "{b0}_{b1}_{canvas}",
  "{b0.k}_{b1}",
];

/** Deterministic random numbers from 0 to 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

it("gives the combinations of any batch distinct names", () => {
  const next = random(7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  let withoutId = 0;
  for (let run = 0; run < 2000; run++) {
    const some = (most: number) => Array.from({ length: 1 + Math.floor(next() * most) }, () => pick(LABELS));
    const naming = pick(TEMPLATES);
    const batch = normalizeBatch(
      create(BatchSchema, {
        naming,
        outputs: [{ poster: { seconds: 1n }, operation: { case: "contactSheet", value: {} } }],
        canvases:
          next() < 0.3 ? [...new Set(some(3))].map((label, i) => ({ label, width: 100 + 2 * i, height: 100 })) : [],
        blocks: ["b0", "b1"].map((name) => ({
          name,
          kind: {
            case: "text" as const,
            value: {
              choices: [...new Set(some(4))].map((label) => ({ label, text: "t", metadata: { k: pick(LABELS) } })),
            },
          },
        })),
      }),
    );
    const nameOf = namingOf(batch);
    const sizes = [Math.max(1, batch.canvases.length), ...batch.blocks.map((block) => choicesOf(block).length)];
    const names = [...enumerate(sizes)].map(([canvas = 0, ...positions], i) => nameOf({ canvas, positions }, `id${i}`));
    const files = names.flatMap((name) => SUFFIXES.map((suffix) => name + suffix));
    const folded = new Set(files.map((name) => name.normalize("NFD").toLowerCase().toUpperCase().normalize("NFC")));
    expect(folded.size, JSON.stringify([naming, names])).toBe(files.length);
    if (!names.some((name) => name.includes("id"))) withoutId++;
  }
  // Most need none: an id in every name would pass the check above too.
  expect(withoutId).toBeGreaterThan(600);
});

it("needs no id for distinct labels, however many combinations", () => {
  const choices = Array.from({ length: 100 }, (_, i) => ({ label: `label ${i}`, text: "t" }));
  const blocks = ["a", "b", "c", "d"].map((name) => ({ name, kind: { case: "text" as const, value: { choices } } }));
  const named = (naming: string) =>
    namingOf(normalizeBatch(create(BatchSchema, { naming, blocks })))({ canvas: 0, positions: [1, 2, 3, 4] }, "id");
  expect(named("")).toBe("label-1_label-2_label-3_label-4");
  expect(named("v_{a}_{b}_{c}_{d}")).toBe("v_label-1_label-2_label-3_label-4");
  expect(named("{a}-{b}-{c}-{d}")).toBe("label-1-label-2-label-3-label-4_id");
});
