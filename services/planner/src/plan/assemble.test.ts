import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";
import {
  BatchSchema,
  choicesOf,
  normalizeBatch,
  type SoundEvent,
  SoundRole,
  SpokenWordSchema,
} from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe/parse.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { describe, expect, it } from "vitest";
import { type Assembly, assemble } from "./assemble.js";
import { blueprintOf, needsInOrder } from "./blueprint.js";
import { enumerate } from "./enumeration.js";
import type { Knowledge } from "./knowledge.js";
import { type Need, needKey } from "./needs.js";

const A = "a".repeat(64);
const B = "b".repeat(64);
const MUSIC = "c".repeat(64);
const STILL = "d".repeat(64);

const footage = (durationSeconds: number, sound = true): Probe => ({
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

/** What every URL gives. */
const FETCHED = A;
const PROBES: Record<string, Probe> = { [A]: footage(2), [B]: footage(3, false), [MUSIC]: music, [STILL]: still };
const know = (
  speech: number | PolyreelError = 48_000,
  probes: Record<string, Probe | PolyreelError> = {},
): Knowledge => ({
  source: (need) => {
    const sha256 = need.kind === "source" ? need.sha256 : FETCHED;
    const probe = probes[sha256] ?? PROBES[sha256];
    return probe === undefined || probe instanceof PolyreelError ? probe : { sha256, probe };
  },
  speech: () => (typeof speech === "number" ? { samples: speech, words: WORDS } : speech),
});
const WORDS = [
  create(SpokenWordSchema, { text: "Hello", startSeconds: 0.1, endSeconds: 0.5 }),
  create(SpokenWordSchema, { text: "there", startSeconds: 0.6, endSeconds: 0.9 }),
];
const ENCODERS = { clip: "clip-1", sound: "sound-1", text: "text-1" };

const blueprint = (blocks: JsonObject[], rest: JsonObject = {}) =>
  blueprintOf(normalizeBatch(fromJson(BatchSchema, { canvas: { width: 320, height: 240 }, blocks, ...rest })));
const source = (sha256: string, name: string) => ({ source: { sha256, name } });
const hook = { name: "hook", video: { choices: [source(A, "a.mp4"), source(B, "b.mp4")] } };
const body = { name: "body", video: { choices: [{ image: { sha256: STILL, name: "s.jpg" }, duration: "1.5s" }] } };
const speaker = (rest: JsonObject = {}) => ({
  name: "speaker",
  voice: { at: "body", offset: "0.25s", choices: [{ label: "one", text: "Hello" }], ...rest },
});
const bed = {
  name: "music",
  audio: { gainDb: -12, duck: true, loop: true, choices: [source(MUSIC, "m.mp3"), { label: "none" }] },
};
const headline = { name: "headline", text: { over: ["hook"], choices: [{ text: "Half price" }, { label: "none" }] } };

const first = (blocks: JsonObject[], knowledge = know(), rest: JsonObject = {}) =>
  assemble(blueprint(blocks, rest), { positions: blocks.map(() => 0), canvas: 0, ordinal: 0 }, knowledge, ENCODERS);
const all = (plan: ReturnType<typeof blueprint>) =>
  plan.stages.flatMap((_, canvas) =>
    [...enumerate(plan.batch.blocks.map((block) => choicesOf(block).length))].map((positions, ordinal) =>
      assemble(plan, { positions, canvas, ordinal }, know(), ENCODERS),
    ),
  );
const soundOf = (assembly: Assembly) => assembly.sound?.recipe.value;
const clipOf = (assembly: Assembly, i = 0) => {
  const recipe = assembly.clips[i]?.recipe;
  if (recipe?.case !== "clip") throw new Error("It is no clip.");
  return recipe.value;
};
const placed = ({ role, start, samples }: SoundEvent) => [role, Number(start), Number(samples)];
const failureOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof PolyreelError) return error.failure;
    throw error;
  }
  throw new Error("It did not fail.");
};

describe("assemble", () => {
  it("places clips, voice and bed in samples counted from the start", () => {
    const assembly = first([hook, body, speaker(), bed]);
    expect(assembly.frames).toBe(60 + 45);
    expect(Number(soundOf(assembly)?.samples)).toBe(3.5 * 48_000);
    expect(soundOf(assembly)?.events.map(placed)).toEqual([
      [SoundRole.CLIP, 0, 96_000],
      [SoundRole.VOICE, 96_000 + 12_000, 48_000],
      [SoundRole.BED, 0, 168_000],
    ]);
    expect(assembly.sound?.origins.map(({ block }) => block)).toEqual(["hook", "speaker", "music"]);
  });

  it("shares clips between combinations that differ elsewhere, and soundtracks between texts", () => {
    const plan = blueprint([hook, body, headline, bed]);
    const assemblies = all(plan);
    expect(assemblies).toHaveLength(8);
    expect(new Set(assemblies.map(({ combination }) => combination.id)).size).toBe(8);
    expect(new Set(assemblies.flatMap(({ clips }) => clips.map(({ hash }) => hash))).size).toBe(2 * 2 + 1);
    // With a bed: two. Without: one for the hook that has sound, none for the other.
    expect(new Set(assemblies.map(({ sound }) => sound?.hash)).size).toBe(4);
    expect(new Set(assemblies.map(({ combination }) => combination.fileName)).size).toBe(8);
  });

  it("uses what a URL gave as it uses the same bytes from the store", () => {
    const fetched = {
      name: "hook",
      video: { choices: [{ label: "a", source: { url: "https://a.example/a.mp4?k=1" } }] },
    };
    expect(first([fetched, body]).clips.map(({ hash }) => hash)).toEqual(
      first([hook, body]).clips.map(({ hash }) => hash),
    );
  });

  it("has no soundtrack where nothing is heard", () => {
    const muted = { name: "hook", video: { sound: "SOUND_MUTED", choices: [source(A, "a.mp4")] } };
    expect(first([muted]).sound).toBeUndefined();
    expect(first([body]).combination.soundHash).toBe("");
  });

  it.each([
    ["start and duration", { start: "0.5s", duration: "1s" }, 500_000n, 30],
    ["the last", { last: "0.5s" }, 1_500_000n, 15],
    ["a last longer than the footage", { last: "9s" }, 0n, 60],
    ["a duration that rounding makes too long", { duration: "2.03s" }, 0n, 60],
    ["less than a frame", { duration: "0.001s" }, 0n, 1],
  ])("trims to %s", (_name, trim, start, frames) => {
    const clip = clipOf(first([{ name: "hook", video: { choices: [{ ...source(A, "a.mp4"), trim }] } }]));
    expect([clip.startMicroseconds, clip.frames]).toEqual([start, frames]);
  });

  it("keeps frames and samples exact at 29.97", () => {
    const canvas = { width: 320, height: 240, frameRate: 29.97 };
    const assembly = first([hook, hook2()], know(), { canvas });
    expect(assembly.frames).toBe(60 + 60);
    expect(Number(soundOf(assembly)?.samples)).toBe(Math.round((120 * 48_000 * 1001) / 30_000));
  });

  it("holds the last frame for a voice that may extend", () => {
    const assembly = first([hook, body, speaker({ overrun: "OVERRUN_EXTEND" })], know(3 * 48_000));
    expect(assembly.frames).toBe(Math.ceil((2 + 0.25 + 3) * 30));
    expect([0, 1].map((i) => clipOf(assembly, i).holdFrames)).toEqual([0, assembly.frames - 105]);
  });

  it("ends a voice with the picture where it is trimmed", () => {
    const assembly = first([hook, body, speaker({ overrun: "OVERRUN_TRIM" })], know(3 * 48_000));
    expect(Number(soundOf(assembly)?.events[1]?.samples)).toBe(168_000 - 108_000);
  });

  it("makes a transition a part of its own, which the clips' ends go into", () => {
    const video = { ...hook.video, transition: { kind: "TRANSITION_KIND_CROSSFADE", duration: "0.5s" } };
    const assemblies = all(blueprint([{ ...hook, video }, hook2()]));
    const [assembly] = assemblies as [Assembly];
    expect(assembly.frames).toBe(60 + 60 - 15);
    expect(assembly.clips.map(({ recipe, frames }) => [recipe.case, frames])).toEqual([
      ["clip", 45],
      ["transition", 15],
      ["clip", 45],
    ]);
    const [, between, after] = assembly.clips;
    if (between?.recipe.case !== "transition" || after?.recipe.case !== "clip") throw new Error("It is another part.");
    const { from, to, kind } = between.recipe.value;
    expect([kind, from?.startMicroseconds, from?.framesBefore, from?.framesWhole]).toEqual([
      "crossfade",
      1_500_000n,
      45,
      60,
    ]);
    expect([to?.startMicroseconds, to?.frames, after.recipe.value.startMicroseconds]).toEqual([0n, 15, 500_000n]);
    // Once for each pair of neighbours; bodies once for each choice.
    expect(new Set(assemblies.flatMap(({ clips }) => clips.map(({ hash }) => hash))).size).toBe(2 + 4 + 2);
    // The sound crosses over with the picture.
    const sounds = soundOf(assembly)?.events.map((event) => [
      ...placed(event),
      Number(event.fadeIn),
      Number(event.fadeOut),
    ]);
    expect(sounds).toEqual([
      [SoundRole.CLIP, 0, 96_000, 0, 24_000],
      [SoundRole.CLIP, 72_000, 96_000, 24_000, 0],
    ]);
  });

  it("speaks lines one after the other, and begins effects with their block", () => {
    const lines = {
      choices: [{ label: "two", text: "One", next: [{ text: "Two", pause: "0.5s" }] }],
      overrun: "OVERRUN_EXTEND",
    };
    const bang = {
      name: "bang",
      audio: { at: "body", delay: "0.1s", offset: "1s", fadeOut: "0.2s", choices: [source(MUSIC, "m.mp3")] },
    };
    const assembly = first([hook, body, speaker(lines), bang]);
    expect(soundOf(assembly)?.events.slice(1).map(placed)).toEqual([
      [SoundRole.VOICE, 108_000, 48_000],
      [SoundRole.VOICE, 108_000 + 72_000, 48_000],
      [SoundRole.EFFECT, 100_800, Number(soundOf(assembly)?.samples) - 100_800],
    ]);
    const effect = soundOf(assembly)?.events.at(-1);
    expect([effect?.inputStart, effect?.fadeOut]).toEqual([48_000n, 9_600n]);
  });

  it("shows captions with the clip's own times, of the voice that is chosen", () => {
    const captions = { name: "captions", text: { choices: [{ label: "on", captions: "speaker" }, { label: "off" }] } };
    const assembly = first([hook, body, speaker(), captions]);
    const [over] = clipOf(assembly, 1).texts;
    expect(over?.words.map(({ text, startSeconds }) => [text, startSeconds])).toEqual([
      ["Hello", 0.35],
      ["there", 0.85],
    ]);
    // Over the clip before, the words are still to come.
    expect(clipOf(assembly, 0).texts[0]?.words[0]?.startSeconds).toBe(2.35);
  });

  it("leaves out a video block whose choice is empty", () => {
    const maybe = { name: "maybe", video: { choices: [{ label: "none" }, source(A, "a.mp4")] } };
    expect(all(blueprint([maybe, body])).map(({ frames }) => frames)).toEqual([45, 105]);
    expect(failureOf(() => first([maybe]))).toMatchObject({ reason: expect.stringMatching(/no picture/) });
  });

  it("makes every combination on each canvas, and names it", () => {
    const canvases = [
      { width: 320, height: 240, frameRate: 30, label: "320x240" },
      { width: 240, height: 240, frameRate: 30, label: "square" },
    ];
    const plan = blueprint([hook], { canvases });
    const assemblies = all(plan);
    expect(assemblies.map(({ combination }) => combination.choices[0]?.choice)).toEqual([
      "320x240",
      "320x240",
      "square",
      "square",
    ]);
    expect(assemblies.map((assembly) => clipOf(assembly).format?.width)).toEqual([320, 320, 240, 240]);
    expect(new Set(assemblies.map(({ combination }) => combination.id)).size).toBe(4);
    expect(new Set(assemblies.map(({ sound }) => sound?.hash)).size).toBe(2);
  });

  it("knows a choice's metadata", () => {
    const tagged = { name: "hook", video: { choices: [{ ...source(A, "a.mp4"), metadata: { sku: "4711" } }] } };
    const { combination } = first([tagged], know(), { name: "sale" });
    expect(combination.metadata).toEqual({ "hook.sku": "4711" });
    expect(combination.tags).toMatchObject({ title: "sale", hook: "a", "hook.sku": "4711" });
  });

  it.each<[string, () => unknown, string, string, RegExp]>([
    [
      "a transition longer than its clip",
      () => first([{ ...hook, video: { ...hook.video, transition: { duration: "3s" } } }, body]),
      "hook",
      "a",
      /take 90 frames, but it has only 60/,
    ],
    [
      "an effect after the end",
      () => first([body, { name: "bang", audio: { at: "body", delay: "9s", choices: [source(MUSIC, "m.mp3")] } }]),
      "bang",
      "m",
      /after the picture has ended/,
    ],
    [
      "a voice that is too long",
      () => first([hook, body, speaker()], know(3 * 48_000)),
      "speaker",
      "one",
      /1\.75 s longer/,
    ],
    [
      "a voice not spoken",
      () => first([hook, body, speaker()], know(new PolyreelError("invalid", "No such voice."))),
      "speaker",
      "one",
      /No such voice/,
    ],
    [
      "a source that is no media",
      () => first([hook], know(1, { [A]: new PolyreelError("invalid", "Not media.") })),
      "hook",
      "a",
      /^"a\.mp4": Not media/,
    ],
    [
      "a trim beyond the end",
      () => first([{ name: "hook", video: { choices: [{ ...source(A, "a.mp4"), trim: { start: "5s" } }] } }]),
      "hook",
      "a",
      /only 2\.00 s long/,
    ],
    [
      "a trim longer than the footage",
      () => first([{ name: "hook", video: { choices: [{ ...source(A, "a.mp4"), trim: { duration: "5s" } }] } }]),
      "hook",
      "a",
      /asks for 5\.00 s/,
    ],
    [
      "an unreadable source",
      () => first([{ name: "hook", video: { choices: [{ label: "x", source: { unreadable: "no such file" } }] } }]),
      "hook",
      "x",
      /no such file/,
    ],
    [
      "a URL that gives nothing, by its file's name",
      () => {
        const choices = [{ label: "a", source: { url: "https://a.example/a.mp4?key=secret" } }];
        return first(
          [{ name: "hook", video: { choices } }],
          know(1, { [FETCHED]: new PolyreelError("invalid", "Gone.") }),
        );
      },
      "hook",
      "a",
      /^"a\.mp4": Gone\.$/,
    ],
    [
      "a bed without sound",
      () => first([hook, { name: "music", audio: { choices: [source(B, "b.mp4")] } }]),
      "music",
      "b",
      /^"b\.mp4": .*no sound/,
    ],
    [
      "a still given as footage",
      () => first([{ name: "hook", video: { choices: [source(STILL, "s.jpg")] } }]),
      "hook",
      "s",
      /still picture/,
    ],
    [
      "footage that says it is a month long",
      () => first([hook], know(1, { [A]: footage(31 * 86_400) })),
      "hook",
      "a",
      /^"a\.mp4": .* 2678400\.00 s long/,
    ],
  ])("tells block and choice of %s", (_name, run, block, choice, reason) => {
    expect(failureOf(run)).toMatchObject({ block, choice, reason: expect.stringMatching(reason) });
  });
});

describe("needsInOrder", () => {
  it("begins with what the first combination needs, each once", () => {
    const needs = needsInOrder(blueprint([hook, hook2(), speaker(), bed]));
    const name = (need: Need) => (need.kind === "voice" ? need.recipe.text : needKey(need).split(":")[1]?.[0]);
    expect(needs.map(name)).toEqual(["a", "Hello", "c", "b"]);
  });
});

function hook2() {
  return { ...hook, name: "second" };
}
