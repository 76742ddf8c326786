import type { JsonObject } from "@bufbuild/protobuf";
import { PolyreelError } from "@polyreel/platform";
import { expect, it } from "vitest";
import { Assembler } from "../../plan/assemble.js";
import type { Blueprint } from "../../plan/blueprint.js";
import type { Knowledge } from "../../plan/resolved-inputs.js";
import { selectionOf } from "../../plan/selection.js";
import { A, B, blueprint, know, MUSIC, STILL, source } from "../../plan/testing/world.js";
import type { PartialKnowledge } from "../certain-failures.js";
import type { FailureCount } from "../failure-counts.js";
import { favourable } from "../favourable.js";
import { tallyOf } from "../tally.js";
import { countedTally } from "./arithmetic-tally.js";

const encoders = { clip: "c", sound: "s", text: "t", rendition: "r" };
const { signal } = new AbortController();
const BATCHES = 250;

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

/** A batch that exercises everything arithmetic must get right: sources, lengths and sounds often occur twice. */
function randomBlueprint(seed: number) {
  const below = random(seed);
  const pick = <T>(...some: T[]): T => some[below(some.length)] as T;
  const maybe = <T extends object>(part: T): T | object => (below(3) === 0 ? part : {});
  const choices = (of: (label: string) => JsonObject) =>
    Array.from({ length: 1 + below(3) }, (_, i) => (below(5) === 0 ? { label: `${i}` } : of(`${i}`)));
  const videos = Array.from({ length: 1 + below(3) }, (_, i) => `v${i}`);
  const link = (size: number) => (below(4) === 0 ? { link: `l${size}` } : {});
  const video = (name: string): JsonObject => {
    const its = choices((label) => ({
      label,
      ...pick<JsonObject>(
        { source: { sha256: A } },
        { source: { sha256: A }, trim: { duration: pick("0.5s", "1s") } },
        { source: { sha256: A }, sound: "SOUND_MUTED" },
        { source: { sha256: B }, trim: { duration: pick("1s", "2s") } },
        { image: { sha256: STILL }, duration: pick("0.5s", "1s") },
        { source: { sha256: "e".repeat(64) } },
      ),
    }));
    const transition = { transition: { kind: "TRANSITION_KIND_CROSSFADE", duration: pick("0.2s", "0.6s") } };
    return { name, video: { choices: its, ...maybe(transition) }, ...link(its.length) };
  };
  const voice = (name: string): JsonObject => {
    const its = choices((label) => ({ label, text: pick("one", "two", "three") }));
    const overrun = pick("OVERRUN_FAIL", "OVERRUN_TRIM", "OVERRUN_EXTEND");
    return {
      name,
      voice: { at: pick(...videos), offset: pick("0s", "0.25s", "2s"), overrun, choices: its },
      ...link(its.length),
    };
  };
  const audio = (name: string): JsonObject => {
    const its = choices((label) => ({ label, source: { sha256: pick(MUSIC, A) } }));
    return {
      name,
      audio: { ...maybe({ at: pick(...videos), delay: pick("0s", "1s") }), choices: its },
      ...link(its.length),
    };
  };
  const text = (name: string): JsonObject => {
    const its = choices((label) => ({ label, text: pick("Half price", "Free") }));
    return { name, text: { over: videos.filter(() => below(2) === 0), choices: its }, ...link(its.length) };
  };
  const blocks = [
    ...videos.map(video),
    ...Array.from({ length: below(4) }, (_, i) => pick(voice, audio, text)(`o${i}`)),
  ];
  const canvases = pick<JsonObject>(
    {},
    {},
    {
      canvases: [
        { width: 64, height: 64, frameRate: 30, label: "a" },
        { width: 64, height: 32, frameRate: pick(30, 60, 29.97), label: "b" },
      ],
    },
  );
  return blueprint(blocks, canvases);
}

const LENGTHS: Record<string, number> = { one: 24_000, two: 60_000, three: 100_000 };
const knowledge: Knowledge = {
  ...know(1, { ["e".repeat(64)]: new PolyreelError("invalid", "Not media.") }),
  speech: ({ line, recipe }) => ({ hash: line, samples: LENGTHS[recipe.text] ?? 1, words: [] }),
};

const sorted = (parts: ReadonlyMap<string, object>) => [...parts].sort(([a], [b]) => (a < b ? -1 : 1));

const named = (failures: readonly FailureCount[] = []) => failures.map(describeFailure).sort();
const describeFailure = ({ failure: { block, choice, reason, code }, combinations }: FailureCount) =>
  `${combinations} x ${block} ${choice} ${code} ${reason}`;

/** What planning every combination reports. */
function plannedFailures(plan: Blueprint, known: Knowledge): [number, string[]] {
  const assembler = new Assembler(plan, known, encoders);
  const counts = new Map<string, FailureCount & { combinations: number }>();
  let failing = 0;
  for (const picked of selectionOf(plan.batch).combinations()) {
    try {
      assembler.assemble(picked);
    } catch (error) {
      const { failure } = error as PolyreelError;
      const key = `${failure.block} ${failure.choice} ${failure.reason}`;
      counts.set(key, { failure, combinations: (counts.get(key)?.combinations ?? 0) + 1 });
      failing++;
    }
  }
  return [failing, named([...counts.values()])];
}

it(`computes by arithmetic the same counts as planning all combinations, for ${BATCHES} random batches`, async () => {
  const met = { planned: 0, failed: 0, sounds: 0, clips: 0 };
  for (let seed = 1; seed <= BATCHES; seed++) {
    const plan = randomBlueprint(seed);
    const made = await tallyOf(plan, selectionOf(plan.batch), { knowledge, encoders, signal });
    const counted = await countedTally(plan, { knowledge, encoders, signal });
    const about = `seed ${seed}: ${JSON.stringify(plan.batch.blocks, (_, value) => (typeof value === "bigint" ? Number(value) : value))}`;
    expect([counted?.seen, counted?.planned], about).toEqual([made.seen, made.planned]);
    expect(sorted(counted?.clips ?? new Map()), about).toEqual(sorted(made.clips));
    expect(sorted(counted?.voices ?? new Map()), about).toEqual(sorted(made.voices));
    expect(counted?.seconds, about).toBeCloseTo(made.seconds, 6);
    expect([counted?.failing, named(counted?.failures)], about).toEqual([made.failing, named(made.failures)]);
    expect([made.failing, named(made.failures)], about).toEqual(plannedFailures(plan, knowledge));
    const sounds = [...made.sounds.values()];
    const sum = (of: (sound: { uses: number; seconds: number }) => number) =>
      sounds.reduce((all, one) => all + of(one), 0);
    expect(counted?.soundtracks?.distinct.count, about).toBe(sounds.length);
    // Frames of two canvases may give the same samples, but slightly different seconds.
    expect(counted?.soundtracks?.distinct.seconds, about).toBeCloseTo(
      sum(({ seconds }) => seconds),
      3,
    );
    expect(counted?.soundtracks?.uses.count, about).toBe(sum(({ uses }) => uses));
    expect(counted?.soundtracks?.uses.seconds, about).toBeCloseTo(
      sum(({ uses, seconds }) => uses * seconds),
      6,
    );
    met.planned += made.planned;
    met.failed += made.seen - made.planned;
    met.sounds += sounds.length;
    met.clips += made.clips.size;
  }
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(BATCHES);
});

it(`counts as failing what fails whatever unspoken lines and unknown sources are, for ${BATCHES} random batches`, async () => {
  const unknown = new PolyreelError("invalid", "Not stored yet.");
  const isUnknown = (error: PolyreelError) => error === unknown || error.cause === unknown;
  const met = { failing: 0, spared: 0 };
  for (let seed = 1; seed <= BATCHES; seed++) {
    const plan = randomBlueprint(seed);
    const of = (lengths: Record<string, number>, b: object): Knowledge => ({
      ...know(1, { ["e".repeat(64)]: new PolyreelError("invalid", "Not media."), ...b }),
      speech: ({ line, recipe }) => ({ hash: line, samples: lengths[recipe.text] ?? 1, words: [] }),
    });
    // "two" is not spoken yet, and the second source is not stored.
    const guessed = of(LENGTHS, { [B]: unknown });
    const partial: PartialKnowledge = {
      ...{ ...guessed, isUnknown },
      favourable: favourable(plan.batch, guessed, ({ recipe }) => recipe.text === "two"),
    };
    const about = `seed ${seed}`;
    const made = await tallyOf(plan, selectionOf(plan.batch), { knowledge: partial, encoders, signal });
    const counted = await countedTally(plan, { knowledge: partial, encoders, signal });
    expect([counted?.failing, named(counted?.failures)], about).toEqual([made.failing, named(made.failures)]);
    for (const two of [1, 24_000, 200_000]) {
      const [failing] = plannedFailures(plan, of({ ...LENGTHS, two }, {}));
      expect(made.failing, about).toBeLessThanOrEqual(failing);
      if (made.failing < failing) met.spared++;
    }
    met.failing += made.failing;
  }
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(BATCHES / 5);
});

it.each([
  ["subtitles", { subtitles: {} }],
  ["sound alone", { audio: {} }],
  ["a thumbnail", { thumbnail: {} }],
])("counts only the parts that outputs are made of: %s", async (_, output) => {
  const plan = blueprint(
    [
      { name: "v", video: { choices: [source(A, "a.mp4"), { image: { sha256: STILL, name: "s.jpg" } }] } },
      { name: "say", voice: { overrun: "OVERRUN_EXTEND", choices: [{ text: "one" }, { text: "two" }] } },
    ],
    { outputs: [{ name: "it", ...output }] },
  );
  const made = await tallyOf(plan, selectionOf(plan.batch), { knowledge, encoders, signal });
  const counted = await countedTally(plan, { knowledge, encoders, signal });
  expect(sorted(counted?.clips ?? new Map())).toEqual(sorted(made.clips));
  expect(counted?.soundtracks?.distinct.count).toBe(made.sounds.size);
  expect([counted?.planned, counted?.voices.size]).toEqual([4, 2]);
});

it("leaves to planning batches that take too long to count, and captions", async () => {
  const many = Array.from({ length: 40 }, (_, i) => ({
    label: `${i}`,
    source: { sha256: A },
    trim: { duration: `${(0.5 + i ** 2 / 1111).toFixed(3)}s` },
  }));
  const blocks = Array.from({ length: 6 }, (_, i) => ({ name: `v${i}`, video: { choices: many } }));
  // The start of an effect and the end of the video are two sums of lengths, so there are as many states as pairs of
  // sums.
  const effects = [1, 2, 3, 4, 5].map((i) => ({
    name: `e${i}`,
    audio: { at: `v${i}`, choices: [{ label: "m", source: { sha256: MUSIC } }] },
  }));
  const entangled = blueprint([...blocks, ...effects]);
  expect(await countedTally(entangled, { knowledge, encoders, signal })).toBeUndefined();
  const spoken = { name: "say", voice: { choices: [{ text: "one" }] } };
  const captions = { name: "c", text: { choices: [{ label: "on", captions: "say" }] } };
  const captioned = blueprint([...blocks.slice(0, 1), spoken, captions]);
  expect(await countedTally(captioned, { knowledge, encoders, signal })).toBeUndefined();
});

it("stops when cancelled", async () => {
  const stop = new AbortController();
  stop.abort(new Error("gone"));
  await expect(countedTally(randomBlueprint(1), { knowledge, encoders, signal: stop.signal })).rejects.toThrow("gone");
});
