import { describe, expect, it } from "vitest";
import { enumerate } from "./enumeration.js";

describe("enumerate", () => {
  it.each<[number[], number[][]]>([
    [[1], [[0]]],
    [
      [2, 2],
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
    ],
    [
      [1, 3],
      [
        [0, 0],
        [0, 1],
        [0, 2],
      ],
    ],
    [[2, 0], []],
    [[], [[]]],
  ])("%j", (sizes, expected) => {
    expect([...enumerate(sizes)]).toEqual(expected);
  });
});
