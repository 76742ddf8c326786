import { describe, expect, test } from "vitest";
import { type DecodedSound, offsetIn } from "./decoded-sound.js";

/** Sound in the form that `decodedSound` returns. */
function decoded(samples: readonly number[]): DecodedSound {
  const first = samples.findIndex((value) => value !== 128);
  const silent = first < 0 ? samples.length : first;
  return { samples: samples.length, formats: 1, silent, beginning: Buffer.from(samples.slice(silent)) };
}

describe("offset of another decoding", () => {
  test.each<[string, number[], number[], number | undefined]>([
    ["with the whole", [1, 2, 3], [1, 2, 3], 0],
    ["behind the encoder's delay", [128, 130, 1, 2, 3, 4], [1, 2, 3, 4], 2],
    ["in the silence before the sound", [128, 128, 128, 1, 2, 3], [128, 1, 2, 3], 2],
    ["before the whole: not in it", [1, 2, 3], [128, 1, 2, 3], undefined],
    ["nowhere", [1, 2, 3, 4], [1, 2, 9], undefined],
    ["undefined if it would last longer than the whole", [1, 2, 3], [2, 3, 4], undefined],
    ["anywhere in silence", [128, 128, 128], [128, 128], 1],
  ])("%s", (_where, whole, other, offset) => {
    expect(offsetIn(decoded(whole), decoded(other))).toBe(offset);
  });
});
