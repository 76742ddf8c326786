import { SoundRole } from "@polyreel/contract";
import { expect, it } from "vitest";
import { stretchOf } from "./stretch.js";
import { soundEvent } from "./testing/sounds.js";

const { CLIP, BED, EFFECT } = SoundRole;
const S = 48_000;

it.each([
  ["the first minute for its first seconds", BED, 0, 15, [0, 60]],
  ["the same for others of its first minute", BED, 40, 15, [0, 60]],
  ["two minutes for a stretch across their boundary", CLIP, 50, 15, [0, 120]],
  ["from a later minute on, without the ones before", BED, 3601, 15, [3600, 60]],
  ["more than is used, to distinguish a sound that continues from one that ends", BED, 0, 60, [0, 120]],
  ["the minute in which it begins, also at its last sample", EFFECT, 60 - 1 / S, 1 / S, [0, 120]],
])("decodes %s", (_, role, inputStart, samples, [start, length]) => {
  const event = soundEvent(role, {
    inputStart: Math.round(inputStart * S),
    samples: Math.round(samples * S),
    loop: true,
  });
  expect(stretchOf(event, "a")).toEqual({
    sourceSha256: "a",
    start: BigInt((start ?? 0) * S),
    samples: BigInt((length ?? 0) * S),
    fromFirstPicture: role === CLIP,
    track: 0,
  });
});
