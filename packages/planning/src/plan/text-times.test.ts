import type { JsonObject } from "@bufbuild/protobuf";
import type { TextOverlay } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { A, all, B, blueprint, body, clipOf, failureOf, first, hook, source } from "./testing/world.js";

/** Over a hook of 60 frames and a body of 45. */
const timed = (times: JsonObject, over = ["hook", "body"]) => ({
  name: "offer",
  text: { over, ...times, choices: [{ text: "Half price" }, { label: "none" }] },
});
const timesOf = (text: TextOverlay | undefined) => {
  if (!text) return undefined;
  const { fromSeconds, toSeconds, fadeInSeconds, fadeOutSeconds } = text;
  return [fromSeconds, toSeconds, fadeInSeconds, fadeOutSeconds];
};
const inClips = (text: JsonObject, blocks: JsonObject[] = [hook, body]) => {
  const assembly = first([...blocks, text]);
  return assembly.clips.map((_, i) => timesOf(clipOf(assembly, i).texts[0]));
};

describe("a text with a start or duration", () => {
  it.each<[string, JsonObject, (number | undefined)[] | undefined, (number | undefined)[] | undefined]>([
    [
      "begins within the first clip and goes on",
      { start: "0.5s" },
      [0.5, undefined, 0, 0],
      [undefined, undefined, 0, 0],
    ],
    ["ends within the first clip", { duration: "1s" }, [undefined, 1, 0, 0], undefined],
    ["is only in the second clip", { start: "2s" }, undefined, [undefined, undefined, 0, 0]],
    ["lasts over the cut", { start: "1.5s", duration: "1s" }, [1.5, undefined, 0, 0], [undefined, 0.5, 0, 0]],
    ["ends with what it covers", { start: "3s", duration: "9s" }, undefined, [1, undefined, 0, 0]],
    ["lasts at least a frame", { start: "1s", duration: "0.001s" }, [1, 1.033333, 0, 0], undefined],
    [
      "fades at its own ends",
      { start: "1s", fadeIn: "0.5s", fadeOut: "0.5s" },
      [1, undefined, 0.5, 0],
      [undefined, 1.5, 0, 0.5],
    ],
    [
      "fades across the cut",
      { start: "1.8s", duration: "1s", fadeIn: "0.4s", fadeOut: "0.1s" },
      [1.8, undefined, 0.4, 0],
      [-0.2, 0.8, 0.4, 0.1],
    ],
    [
      "fades out across the cut",
      { duration: "2.2s", fadeOut: "0.4s" },
      [undefined, 2.2, 0, 0.4],
      [undefined, 0.2, 0, 0.4],
    ],
  ])("%s", (_what, times, inHook, inBody) => {
    expect(inClips(timed(times))).toEqual([inHook, inBody]);
  });

  it("counts from the first block that it covers, wherever that begins", () => {
    expect(inClips(timed({ start: "0.5s" }, ["body"]))).toEqual([undefined, [0.5, undefined, 0, 0]]);
  });

  it("is on both sides of a transition, at the same time", () => {
    const dissolved = { ...hook, video: { ...hook.video, transition: { duration: "0.5s" } } };
    const assembly = first([dissolved, body, timed({ start: "1.6s", duration: "0.2s" })]);
    const [, transition] = assembly.clips;
    if (transition?.recipe.case !== "transition") throw new Error("It is no transition.");
    const { from, to } = transition.recipe.value;
    // The body begins at 1.5 s.
    expect(timesOf(from?.texts[0])).toEqual([1.6, 1.8, 0, 0]);
    expect(timesOf(to?.texts[0])).toEqual([0.1, 0.3, 0, 0]);
  });

  it("shares clips that do not show it, or look the same", () => {
    const hashes = (text: JsonObject) =>
      all(blueprint([hook, body, text])).map(({ clips }) => clips.map(({ hash }) => hash));
    const [shown, none, longShown] = hashes(timed({ duration: "1s" }));
    expect(shown?.[1]).toBe(none?.[1]);
    expect(shown?.[0]).not.toBe(none?.[0]);
    expect(longShown?.[1]).toBe(shown?.[1]);
    // From the middle of hooks of different lengths to the end.
    const [afterShort, , afterLong] = hashes(timed({ start: "1s", fadeIn: "0.2s" }));
    expect(afterLong?.[1]).toBe(afterShort?.[1]);
  });

  it("extends over held frames", () => {
    const speaker = {
      name: "s",
      voice: { at: "body", offset: "1s", overrun: "OVERRUN_EXTEND", choices: [{ text: "Hello" }] },
    };
    const [, inBody] = inClips(timed({ start: "3.6s" }), [hook, body, speaker]);
    expect(inBody).toEqual([1.6, undefined, 0, 0]);
  });

  it("fails if it would never be seen", () => {
    expect(failureOf(() => first([hook, body, timed({ start: "3.5s" })]))).toMatchObject({
      block: "offer",
      choice: "Half price",
      reason:
        "The text would appear at 3.50 s of the video, but what it covers is shown from 0.00 s to 2.00 s, 2.00 s to 3.50 s.",
    });
    const between = timed({ start: "2.5s", duration: "0.5s" }, ["hook", "end"]);
    const end = { name: "end", video: { choices: [source(B, "e.mp4")] } };
    expect(failureOf(() => first([hook, body, end, between])).reason).toContain("appear at 2.50 s");
  });

  it("is no concern where nothing that it covers is shown", () => {
    const optional = { name: "extra", video: { choices: [{ label: "none" }, source(A, "a.mp4")] } };
    expect(inClips(timed({ start: "9s" }, ["extra"]), [optional, body])).toEqual([undefined]);
  });
});
