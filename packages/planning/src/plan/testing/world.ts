import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { BatchSchema, type SoundEvent, SpokenWordSchema } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe";
import { PolyreelError } from "@polyreel/platform";
import { normalizeBatch } from "@polyreel/spec";
import { Assembler, type Assembly } from "../assemble.js";
import { blueprintOf } from "../blueprint.js";
import type { Knowledge } from "../resolved-inputs.js";
import { selectionOf } from "../selection.js";

/** Fixtures for planning: sources with known probes, blocks that use them, and functions to examine the result. */
export const A = "a".repeat(64);
export const B = "b".repeat(64);
export const MUSIC = "c".repeat(64);
export const STILL = "d".repeat(64);

export const footage = (durationSeconds: number, sound = true): Probe => ({
  container: "mp4",
  sizeBytes: 1,
  durationSeconds,
  video: {
    codec: "h264",
    width: 640,
    height: 480,
    rotationDegrees: 0,
    frameRate: 30,
    startSeconds: 0,
    durationSeconds,
    still: false,
  },
  ...(sound && { audio: { codec: "aac", channels: 2, sampleRate: 48000, startSeconds: 0, durationSeconds } }),
});
const still: Probe = { ...footage(0, false) };
if (still.video) still.video.still = true;
const { video: _, ...music } = footage(20);

/** The content of every URL. */
const PROBES: Record<string, Probe> = { [A]: footage(2), [B]: footage(3, false), [MUSIC]: music, [STILL]: still };
export const know = (
  speech: number | PolyreelError = 48_000,
  probes: Record<string, Probe | PolyreelError> = {},
): Knowledge => ({
  source: (need) => {
    const sha256 = need.kind === "source" ? need.sha256 : A;
    const probe = probes[sha256] ?? PROBES[sha256];
    return probe === undefined || probe instanceof PolyreelError ? probe : { sha256, probe };
  },
  speech: ({ line }) => (typeof speech === "number" ? { hash: line, samples: speech, words: WORDS } : speech),
});
const WORDS = [
  create(SpokenWordSchema, { text: "Hello", startSeconds: 0.1, endSeconds: 0.5 }),
  create(SpokenWordSchema, { text: "there", startSeconds: 0.6, endSeconds: 0.9 }),
];
const ENCODERS = { clip: "clip-1", sound: "sound-1", text: "text-1", rendition: "r" };

export const blueprint = (blocks: JsonObject[], rest: JsonObject = {}) =>
  blueprintOf(normalizeBatch(fromJson(BatchSchema, { canvas: { width: 320, height: 240 }, blocks, ...rest })));
export const source = (sha256: string, name: string) => ({ source: { sha256, name } });
export const hook = { name: "hook", video: { choices: [source(A, "a.mp4"), source(B, "b.mp4")] } };
export const body = {
  name: "body",
  video: { choices: [{ image: { sha256: STILL, name: "s.jpg" }, duration: "1.5s" }] },
};
export const speaker = (rest: JsonObject = {}) => ({
  name: "speaker",
  voice: { at: "body", offset: "0.25s", choices: [{ label: "one", text: "Hello" }], ...rest },
});
export const bed = {
  name: "music",
  audio: { gainDb: -12, duck: true, loop: true, choices: [source(MUSIC, "m.mp3"), { label: "none" }] },
};
export const headline = {
  name: "headline",
  text: { over: ["hook"], choices: [{ text: "Half price" }, { label: "none" }] },
};

export const first = (blocks: JsonObject[], knowledge = know(), rest: JsonObject = {}) =>
  new Assembler(blueprint(blocks, rest), knowledge, ENCODERS).assemble({
    positions: blocks.map(() => 0),
    canvas: 0,
    ordinal: 0,
  });
export const all = (plan: ReturnType<typeof blueprint>) => {
  const assembler = new Assembler(plan, know(), ENCODERS);
  return [...selectionOf(plan.batch).combinations()].map((picked) => assembler.assemble(picked));
};
export const soundOf = (assembly: Assembly) => assembly.sound?.recipe.value;
export const clipOf = (assembly: Assembly, i = 0) => {
  const recipe = assembly.clips[i]?.recipe;
  if (recipe?.case !== "clip") throw new Error("It is no clip.");
  return recipe.value;
};
export const placed = ({ role, start, samples }: SoundEvent) => [role, Number(start), Number(samples)];
export const failureOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof PolyreelError) return error.failure;
    throw error;
  }
  throw new Error("It did not fail.");
};

export function hook2() {
  return { ...hook, name: "second" };
}
