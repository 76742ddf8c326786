import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { BatchSchema, normalizeBatch, SoundRole } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe/parse.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { describe, expect, it } from "vitest";
import { assemble } from "./assemble.js";
import { blueprintOf, type Need, needKey, needsInOrder } from "./blueprint.js";
import { enumerate } from "./enumeration.js";
import type { Knowledge } from "./knowledge.js";

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
  speech: () => speech,
});
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
  assemble(
    blueprint(blocks, rest),
    blocks.map(() => 0),
    0,
    knowledge,
    ENCODERS,
  );
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
    const { sound, frames } = first([hook, body, speaker(), bed]);
    expect(frames).toBe(60 + 45);
    expect(Number(sound?.recipe.samples)).toBe(3.5 * 48_000);
    expect(sound?.recipe.events.map(({ role, start, samples }) => [role, Number(start), Number(samples)])).toEqual([
      [SoundRole.CLIP, 0, 96_000],
      [SoundRole.VOICE, 96_000 + 12_000, 48_000],
      [SoundRole.BED, 0, 168_000],
    ]);
    expect(sound?.origins.map(({ block }) => block)).toEqual(["hook", "speaker", "music"]);
  });

  it("shares clips between combinations that differ elsewhere, and soundtracks between texts", () => {
    const plan = blueprint([hook, body, headline, bed]);
    const assemblies = [...enumerate(plan.sizes)].map((at, i) => assemble(plan, at, i, know(), ENCODERS));
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
    const { clips } = first([{ name: "hook", video: { choices: [{ ...source(A, "a.mp4"), trim }] } }]);
    expect([clips[0]?.recipe.startMicroseconds, clips[0]?.recipe.frames]).toEqual([start, frames]);
  });

  it("keeps frames and samples exact at 29.97", () => {
    const { frames, sound } = first([hook, hook2()], know(), { canvas: { width: 320, height: 240, frameRate: 29.97 } });
    expect(frames).toBe(60 + 60);
    expect(Number(sound?.recipe.samples)).toBe(Math.round((120 * 48_000 * 1001) / 30_000));
  });

  it("holds the last frame for a voice that may extend", () => {
    const { frames, clips } = first([hook, body, speaker({ overrun: "OVERRUN_EXTEND" })], know(3 * 48_000));
    expect(frames).toBe(Math.ceil((2 + 0.25 + 3) * 30));
    expect(clips.map(({ recipe }) => recipe.holdFrames)).toEqual([0, frames - 105]);
  });

  it("ends a voice with the picture where it is trimmed", () => {
    const { sound } = first([hook, body, speaker({ overrun: "OVERRUN_TRIM" })], know(3 * 48_000));
    expect(Number(sound?.recipe.events[1]?.samples)).toBe(168_000 - 108_000);
  });

  it.each<[string, () => unknown, string, string, RegExp]>([
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
      "a URL that gives nothing, by host and path",
      () => {
        const choices = [{ label: "a", source: { url: "https://a.example/a.mp4?key=secret" } }];
        return first(
          [{ name: "hook", video: { choices } }],
          know(1, { [FETCHED]: new PolyreelError("invalid", "Gone.") }),
        );
      },
      "hook",
      "a",
      /^"a\.example\/a\.mp4": Gone\.$/,
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
    const name = (need: Need) => (need.kind === "voice" ? need.text : needKey(need).split(":")[1]?.[0]);
    expect(needs.map(name)).toEqual(["a", "Hello", "c", "b"]);
  });
});

function hook2() {
  return { ...hook, name: "second" };
}
