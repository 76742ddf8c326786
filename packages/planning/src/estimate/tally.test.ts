import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, type BlockSchema, SampleSchema } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe";
import { PolyreelError } from "@polyreel/platform";
import { normalizeBatch } from "@polyreel/spec";
import { describe, expect, it } from "vitest";
import { blueprintOf } from "../plan/blueprint.js";
import type { Knowledge } from "../plan/resolved-inputs.js";
import { selectionOf } from "../plan/selection.js";
import { costsBy } from "./cost.js";
import { figuresOf } from "./figures.js";
import { firstTallyOf, tallyOf } from "./tally.js";

const OUTPUTS = { videos: 1, written: 1, virtual: 0, pictures: 0, others: 0, writtenShare: 0 };

const video = (name: string, count: number, from: number): MessageInitShape<typeof BlockSchema> => ({
  name,
  kind: {
    case: "video",
    value: {
      choices: Array.from({ length: count }, (_, i) => ({
        label: `${i}`,
        media: { case: "source", value: { location: { case: "sha256", value: sha256(from + i) } } },
      })),
    },
  },
});
const sha256 = (number: number) => number.toString(16).padStart(64, "0");
const silent = { durationSeconds: 2, video: { durationSeconds: 2 } } as Probe;
const knowledge: Knowledge = {
  source: (need) => ({ sha256: need.kind === "source" ? need.sha256 : "", probe: silent }),
  speech: ({ line }) => ({ hash: line, samples: 48_000, words: [] }),
};
const encoders = { clip: "c", sound: "s", text: "t", rendition: "r" };
const never = new AbortController().signal;

/** 8 x 6 clips under 5 texts each, and 4 voice lines: 8 x 6 x 5 x 4 = 960 combinations. */
const batch = normalizeBatch(
  create(BatchSchema, {
    blocks: [
      video("a", 8, 0),
      video("b", 6, 100),
      { name: "t", kind: { case: "text", value: { choices: [1, 2, 3, 4, 5].map((i) => ({ text: `text ${i}` })) } } },
      { name: "v", kind: { case: "voice", value: { choices: [1, 2, 3, 4].map((i) => ({ text: `line ${i}` })) } } },
    ],
  }),
);

describe("tallyOf", () => {
  it("counts every part of all combinations once", async () => {
    const tally = await tallyOf(blueprintOf(batch), selectionOf(batch), { knowledge, encoders, signal: never });
    expect(tally).toMatchObject({ seen: 960, planned: 960, seconds: 960 * 4, failures: [] });
    expect([tally.clips.size, tally.sounds.size, tally.voices.size]).toEqual([(8 + 6) * 5, 4, 4]);
    expect([...tally.clips.values()].reduce((sum, { uses }) => sum + uses, 0)).toBe(960 * 2);
  });

  it("extrapolates well from a sample", async () => {
    const some = { ...batch, sample: create(SampleSchema, { count: 250n }) };
    const tally = await tallyOf(blueprintOf(some), selectionOf(some), { knowledge, encoders, signal: never });
    const existing = { clips: new Map(), sounds: new Map(), voices: new Map(), renditions: new Map() };
    const costs = costsBy({}, OUTPUTS);
    const rest = { first: undefined, outputs: OUTPUTS, decodedBytes: 0, cores: 1, costs } as const;
    const figures = figuresOf({ combinations: 960, tally, existing, ...rest });
    expect([figures.clips?.distinct, figures.soundtracks?.distinct, figures.voices?.distinct]).toEqual([70n, 4n, 4n]);
    expect(figures.combinationSeconds).toBeCloseTo(960 * 4, 5);
  });

  it("leaves out impossible combinations, and counts them by reason", async () => {
    const missing = new PolyreelError("invalid", "It is not there.");
    const without: Knowledge = {
      ...knowledge,
      source: (need) => (need.origin.block === "a" && need.origin.choice === "3" ? missing : knowledge.source(need)),
    };
    const tally = await tallyOf(blueprintOf(batch), selectionOf(batch), {
      knowledge: without,
      encoders,
      signal: never,
    });
    expect(tally).toMatchObject({ seen: 960, planned: 840 });
    expect(tally.clips.size).toBe((7 + 6) * 5);
    expect(tally.failures).toMatchObject([{ failure: { block: "a", choice: "3" }, combinations: 120 }]);
  });

  it("finds the first possible combination", async () => {
    const missing = new PolyreelError("invalid", "It is not there.");
    const without = (choice: string): Knowledge => ({
      ...knowledge,
      speech: (need) => (need.origin.choice === choice ? missing : knowledge.speech(need)),
    });
    const first = (known: Knowledge) =>
      firstTallyOf(blueprintOf(batch), selectionOf(batch), { knowledge: known, encoders, signal: never });
    const of = (tally: Awaited<ReturnType<typeof first>>) => [tally?.clips.size, tally?.sounds.size, tally?.seconds];
    expect(of(await first(knowledge))).toEqual([2, 1, 4]);
    expect(of(await first(without("line 1")))).toEqual([2, 1, 4]);
    const nothing: Knowledge = { ...knowledge, source: () => missing };
    expect(await first(nothing)).toBeUndefined();
  });

  it("yields to the event loop, and stops when cancelled", async () => {
    const stop = new AbortController();
    const work = tallyOf(blueprintOf(batch), selectionOf(batch), { knowledge, encoders, signal: stop.signal });
    setImmediate(() => stop.abort(new Error("gone")));
    await expect(work).rejects.toThrow("gone");
  });
});
