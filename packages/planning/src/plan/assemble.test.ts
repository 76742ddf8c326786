import { type ClipRecipe, SoundRole } from "@polyreel/contract";
import { tagsOf } from "@polyreel/media/join";
import { describe, expect, it } from "vitest";
import type { Assembly } from "./assemble.js";
import { needsInOrder } from "./blueprint.js";
import {
  A,
  all,
  bed,
  blueprint,
  body,
  clipOf,
  failureOf,
  first,
  footage,
  headline,
  hook,
  hook2,
  know,
  MUSIC,
  placed,
  soundOf,
  source,
  speaker,
} from "./testing/world.js";

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

  it("fits pictures as their choice, else their block, else the canvas says", () => {
    const fits = (block: object, ...choices: object[]) => {
      const video = { ...block, choices: choices.map((choice, i) => ({ ...source(A, `${i}.mp4`), ...choice })) };
      const plan = blueprint([{ name: "hook", video }], { canvas: { width: 320, height: 240, fit: "FIT_BLUR" } });
      return all(plan).map((assembly) => (assembly.clips[0]?.recipe.value as ClipRecipe | undefined)?.fit);
    };
    expect(fits({}, {}, { fit: "FIT_COVER" })).toEqual(["blur", "cover"]);
    expect(fits({ fit: "FIT_CONTAIN" }, {}, { fit: "FIT_COVER" })).toEqual(["contain", "cover"]);
  });

  it("treats bytes from a URL like the same bytes from the store", () => {
    const fetched = {
      name: "hook",
      video: { choices: [{ label: "a", source: { url: "https://a.example/a.mp4?k=1" } }] },
    };
    expect(first([fetched, body]).clips.map(({ hash }) => hash)).toEqual(
      first([hook, body]).clips.map(({ hash }) => hash),
    );
  });

  it("uses the chosen sound track, or else the players' default", () => {
    const sound = (track: number) => ({
      codec: "aac",
      channels: 2,
      sampleRate: 48000,
      startSeconds: 0,
      durationSeconds: 2,
      track,
    });
    const tracks = [sound(0), { ...sound(1), language: "deu" }];
    const two = know(48_000, { [A]: { ...footage(2), audio: sound(1), tracks } });
    const trackOf = (choice: object, knowledge = two) =>
      soundOf(first([{ name: "hook", video: { choices: [{ ...source(A, "a.mp4"), ...choice }] } }], knowledge))
        ?.events[0]?.track;
    expect([trackOf({}), trackOf({ track: 1 }), trackOf({ track: 2 }), trackOf({}, know())]).toEqual([1, 0, 1, 0]);
    expect(failureOf(() => trackOf({ track: 3 }))).toMatchObject({
      block: "hook",
      field: "track",
      reason: '"a.mp4": The file has no sound track 3: it has 1 (2 channels), 2 (deu, 2 channels).',
    });
    const music = { name: "music", audio: { choices: [{ ...source(A, "m.mkv"), track: 1 }] } };
    expect(soundOf(first([body, music], two))?.events[0]?.track).toBe(0);
  });

  it("has no soundtrack if nothing is audible", () => {
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

  it("ends a trimmed voice with the picture", () => {
    const assembly = first([hook, body, speaker({ overrun: "OVERRUN_TRIM" })], know(3 * 48_000));
    expect(Number(soundOf(assembly)?.events[1]?.samples)).toBe(168_000 - 108_000);
  });

  it("makes a transition a separate part, made from the clips' ends", () => {
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
    // One for each pair of neighbours; bodies one for each choice.
    expect(new Set(assemblies.flatMap(({ clips }) => clips.map(({ hash }) => hash))).size).toBe(2 + 4 + 2);
    // The sound crossfades with the picture.
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

  it.each([
    ["an effect without overrun: cut, with a warning", { at: "hook" }, 2, /18\.00 s longer than the picture/],
    ["an effect that may be cut", { at: "hook", overrun: "OVERRUN_TRIM" }, 2, undefined],
    ["a recording that extends the picture", { at: "hook", overrun: "OVERRUN_EXTEND" }, 20, undefined],
    ["a recording that begins later, and extends it", { overrun: "OVERRUN_EXTEND", offset: "5s" }, 15, undefined],
    ["music", {}, 2, undefined],
    ["repeated music", { loop: true }, 2, undefined],
  ])("lays a sound longer than the picture: %s", (_, audio, seconds, warning) => {
    const { combination, frames, sound } = first([
      { name: "hook", video: { choices: [source(A, "a.mp4")] } },
      { name: "bang", audio: { ...audio, choices: [source(MUSIC, "m.mp3")] } },
    ]);
    expect(frames).toBe(seconds * 30);
    expect(sound?.recipe.value.samples).toBe(BigInt(seconds * 48_000));
    expect(combination.warnings.map(({ block, choice, reason }) => [block, choice, reason])).toEqual(
      warning ? [["bang", "m", expect.stringMatching(warning)]] : [],
    );
  });

  it("places lines one after the other, and starts effects with their block", () => {
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

  it("shows captions of the chosen voice, in times relative to the clip", () => {
    const captions = { name: "captions", text: { choices: [{ label: "on", captions: "speaker" }, { label: "off" }] } };
    const assembly = first([hook, body, speaker(), captions]);
    const [over] = clipOf(assembly, 1).texts;
    // In whole frames, of a thirtieth of a second.
    expect(over?.words.map(({ text, startSeconds }) => [text, startSeconds])).toEqual([
      ["Hello", 0.366667],
      ["there", 0.866667],
    ]);
    // During the preceding clip, the words are still to come.
    expect(clipOf(assembly, 0).texts[0]?.words[0]?.startSeconds).toBe(2.366667);
  });

  it("shows the same captions on both sides of a transition, at the same frames", () => {
    const video = { ...hook.video, transition: { kind: "TRANSITION_KIND_CROSSFADE", duration: "0.5s" } };
    const captions = { name: "captions", text: { choices: [{ label: "on", captions: "speaker" }] } };
    // From eight seconds before the second clip on: with only the words around each clip, phrases would differ.
    const lines = {
      choices: [{ text: "Hello", next: [1, 2, 3, 4, 5, 6].map((i) => ({ text: `${i}`, pause: "1.03s" })) }],
    };
    const speech = speaker({ at: "hook", overrun: "OVERRUN_EXTEND", ...lines });
    const assembly = first([{ ...hook, video }, hook2(), speech, captions]);
    const between = assembly.clips.find(({ recipe }) => recipe.case === "transition")?.recipe.value;
    if (between?.$typeName !== "polyreel.v1.TransitionRecipe") throw new Error("It is another part.");
    const frames = (side: ClipRecipe | undefined) =>
      side?.texts[0]?.words.map(({ text, startSeconds, endSeconds }) => [
        text,
        ...[startSeconds, endSeconds].map((seconds) => Math.round(seconds * 30 * 1000) / 1000 - side.framesBefore),
      ]);
    expect(frames(between.from)).toHaveLength(14);
    expect(frames(between.to)?.map(([text]) => text)).toEqual(frames(between.from)?.map(([text]) => text));
    for (const [i, [, start, end]] of (frames(between.to) ?? []).entries()) {
      const [, fromStart, fromEnd] = frames(between.from)?.[i] ?? [];
      expect([start, end]).toEqual([fromStart, fromEnd]);
      expect(Number.isInteger(start)).toBe(true);
    }
  });

  it("speaks the same once, whatever captions show of it", () => {
    const choices = ["ACME", "Acme Inc."].map((text) => ({ text, say: "ack-me" }));
    const captions = { name: "captions", text: { choices: [{ label: "on", captions: "speaker" }] } };
    const plan = blueprint([body, speaker({ choices, overrun: "OVERRUN_TRIM" }), captions]);
    expect(needsInOrder(plan).flatMap((need) => (need.kind === "voice" ? need.recipe.text : []))).toEqual(["ack-me"]);
    const assembled = all(plan);
    expect(new Set(assembled.map(({ sound }) => sound?.hash)).size).toBe(1);
    const shown = assembled.map((one) => clipOf(one).texts[0]?.words.map(({ text }) => text));
    expect(shown).toEqual([["ACME"], ["Acme", "Inc."]]);
  });

  it("leaves out a video block with an empty choice", () => {
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

  it("includes a choice's metadata", () => {
    const tagged = { name: "hook", video: { choices: [{ ...source(A, "a.mp4"), metadata: { sku: "4711" } }] } };
    const { combination } = first([tagged], know(), { name: "sale" });
    expect(combination.metadata).toEqual({ "hook.sku": "4711" });
    expect(tagsOf(combination)).toMatchObject({ title: "sale", hook: "a", "hook.sku": "4711" });
  });

  it.each([
    ["a video", {}, true, true],
    ["a thumbnail", { thumbnail: {} }, true, false],
    ["sound alone", { audio: {} }, false, true],
    ["subtitles", { subtitles: {} }, false, false],
  ])("plans only the parts that the outputs are made of: %s", (_, output, hasClips, hasSound) => {
    const outputs = [{ name: "it", ...output }];
    const { clips, sound, combination, frames, spoken } = first([hook, body, speaker()], know(), { outputs });
    expect([clips.length > 0, sound !== undefined]).toEqual([hasClips, hasSound]);
    expect([combination.clips.length > 0, combination.soundHash !== ""]).toEqual([hasClips, hasSound]);
    expect([frames, spoken.length]).toEqual([105, 1]);
  });
});
