import { toBinary } from "@bufbuild/protobuf";
import { ClipRecipeSchema, CombinationSchema, SoundRecipeSchema, TransitionRecipeSchema } from "@polyreel/contract";
import { recipeHash } from "@polyreel/parts";
import { expect, it } from "vitest";
import { Assembler, type Assembly } from "./assemble.js";
import { selectionOf } from "./selection.js";
import { A, B, bed, blueprint, headline, know, MUSIC, source } from "./testing/world.js";

/**
 * Everything that parts can depend on: trims, a still, an empty choice, transitions, texts, captions, held frames,
 * canvases.
 */
const plan = blueprint(
  [
    {
      name: "hook",
      video: {
        choices: [
          source(A, "a.mp4"),
          { ...source(A, "b.mp4"), trim: { start: "0.5s" }, gainDb: -3 },
          { label: "none" },
        ],
        transition: { kind: "TRANSITION_KIND_CROSSFADE", duration: "0.3s" },
      },
    },
    { name: "body", video: { choices: [source(B, "b.mp4"), { ...source(A, "c.mp4"), sound: "SOUND_MUTED" }] } },
    { name: "end", video: { choices: [source(A, "d.mp4"), { label: "none" }] } },
    headline,
    { name: "captions", text: { choices: [{ label: "on", captions: "speaker" }, { label: "off" }] } },
    {
      name: "speaker",
      voice: { at: "body", overrun: "OVERRUN_EXTEND", offset: "1.5s", choices: [{ text: "Hello" }, { label: "no" }] },
    },
    { name: "bang", audio: { at: "end", choices: [source(MUSIC, "m.mp3"), { label: "silent" }] } },
    bed,
  ],
  {
    canvases: [
      { width: 320, height: 240, frameRate: 30 },
      { width: 240, height: 240, frameRate: 29.97 },
    ],
    where: ["!(body == 'c' && end == 'none')"],
  },
);
const ENCODERS = { clip: 'clip "1"', sound: 'sound "1"', text: "text-1", rendition: "r" };

function assembled(assembler: () => Assembler): (Assembly | string)[] {
  return [...selectionOf(plan.batch).combinations()].map((picked) => {
    try {
      return assembler().assemble(picked);
    } catch (error) {
      return String(error);
    }
  });
}

it("assembles a combination independently of earlier ones", () => {
  const one = new Assembler(plan, know(3 * 48_000), ENCODERS);
  const shared = assembled(() => one);
  const fresh = assembled(() => new Assembler(plan, know(3 * 48_000), ENCODERS));
  const bytes = (all: (Assembly | string)[]) =>
    all.map((one) =>
      typeof one === "string" ? one : Buffer.from(toBinary(CombinationSchema, one.combination)).toString("base64"),
    );
  expect(shared.length).toBe(2 * 3 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * (3 / 4));
  expect(shared.filter((each) => typeof each !== "string").length).toBeGreaterThan(shared.length / 4);
  expect(bytes(shared)).toEqual(bytes(fresh));
});

it("addresses every part by the hash of its recipe", () => {
  const one = new Assembler(plan, know(3 * 48_000), ENCODERS);
  for (const assembly of assembled(() => one)) {
    if (typeof assembly === "string") continue;
    for (const { recipe, hash } of assembly.clips) {
      expect(hash).toBe(
        recipe.case === "clip"
          ? recipeHash("clip", ClipRecipeSchema, recipe.value)
          : recipeHash("clip", TransitionRecipeSchema, recipe.value),
      );
    }
    const { sound } = assembly;
    if (sound) expect(sound.hash).toBe(recipeHash("sound", SoundRecipeSchema, sound.recipe.value));
  }
});
