import { describe, expect, test } from "vitest";
import { type Placeable, placeTexts } from "./place-texts.js";
import { evenly } from "./style.js";

const canvas = { width: 1000, height: 2000 };
const GAP = 20;

type Block = { width: number; height: number };

/** A text of this size that can be made smaller. */
const text = (change: Partial<Placeable<Block>> & Partial<Block> = {}): Placeable<Block> => {
  const { width = 400, height = 100, ...place } = change;
  const block = (maxHeight: number) => {
    const scale = Math.min(1, maxHeight / height);
    return { width: width * scale, height: height * scale };
  };
  return {
    field: "",
    position: "bottom",
    align: "center",
    margins: evenly(0.05),
    offset: { x: 0, y: 0 },
    block,
    ...place,
  };
};

const placed = (...texts: Placeable<Block>[]) => placeTexts(texts, canvas).map(({ area }) => area);

test.each([
  ["top", "left", 50, 100],
  ["top", "center", 300, 100],
  ["center", "right", 550, 950],
  ["bottom", "right", 550, 1800],
] as const)("places one at the %s, aligned %s", (position, align, x, y) => {
  expect(placed(text({ position, align }))).toEqual([{ x, y, width: 400, height: 100 }]);
});

describe("places one between margins of their own", () => {
  const margins = { top: 0.125, right: 0.25, bottom: 0.25, left: 0.125 };
  test.each([
    ["top", "left", 125, 250],
    ["center", "center", 237.5, 825],
    ["bottom", "right", 350, 1400],
  ] as const)("at the %s, aligned %s", (position, align, x, y) => {
    expect(placed(text({ margins, position, align }))).toEqual([{ x, y, width: 400, height: 100 }]);
  });

  test("smaller if it is too high for them", () => {
    expect(placed(text({ margins, position: "top", height: 1800 }))[0]?.height).toBe(1250);
  });
});

test("places texts that are never visible at once where they would lie alone", () => {
  for (const [position, y] of [
    ["top", 100],
    ["center", 950],
    ["bottom", 1800],
  ] as const) {
    const [first, next, both] = placed(
      text({ position, toSeconds: 2 }),
      text({ position, fromSeconds: 2 }),
      text({ position: position === "top" ? "bottom" : "top" }),
    );
    expect([first?.y, next?.y]).toEqual([y, y]);
    expect(both?.y).not.toBe(y);
  }
  const overlapping = placed(text({ toSeconds: 2 }), text({ fromSeconds: 1.9 }));
  expect(overlapping.map(({ y }) => y)).toEqual([1800, 1700 - GAP]);
});

describe("an offset", () => {
  test("moves a text from its position, also out of the safe area", () => {
    expect(placed(text({ offset: { x: 0.25, y: -0.125 } }))).toEqual([{ x: 550, y: 1550, width: 400, height: 100 }]);
    expect(placed(text({ offset: { x: 0, y: 0.05 } }))[0]?.y).toBe(1900);
  });

  test("moves a stack as a whole, and leaves others alone", () => {
    const moved = { offset: { x: 0, y: -0.25 } };
    const tops = placed(text(moved), text(), text(moved), text({ position: "center" }));
    expect(tops.map(({ y }) => y)).toEqual([1300, 1800, 1200 - GAP, 950]);
  });

  test.each([
    ["to the right", { x: 0.31, y: 0 }],
    ["to the left", { x: -0.31, y: 0 }],
    ["up", { x: 0, y: -0.91 }],
    ["down", { x: 0, y: 0.051 }],
  ])("that pushes a text out %s is refused", (_where, offset) => {
    const failure = expect.objectContaining({ field: "texts[1]", reason: expect.stringContaining("offset") });
    expect(() => placed(text({ position: "top" }), text({ field: "texts[1]", offset }))).toThrow(
      expect.objectContaining({ code: "invalid", failure }),
    );
  });
});

describe("places several at the same position", () => {
  test("at the top, the first one uppermost", () => {
    const tops = placed(text({ position: "top" }), text({ position: "top" }), text({ position: "top" }));
    expect(tops.map(({ y }) => y)).toEqual([100, 200 + GAP, 300 + 2 * GAP]);
  });

  test("at the bottom, the first one lowest", () => {
    const bottoms = placed(text(), text({ height: 50 }), text());
    expect(bottoms.map(({ y }) => y)).toEqual([1800, 1750 - GAP, 1650 - 2 * GAP]);
  });

  test("in the center, with the whole stack centered", () => {
    const centers = placed(text({ position: "center" }), text({ position: "center", height: 200 }));
    expect(centers.map(({ y }) => y)).toEqual([840, 960]);
  });

  test("side by side if there is room", () => {
    const [one, other] = placed(text({ align: "left" }), text({ align: "right" }));
    expect([one?.y, other?.y]).toEqual([1800, 1800]);
  });

  test("in the center, with each column centered by itself", () => {
    const center = { position: "center", width: 200 } as const;
    const areas = placed(text({ ...center, align: "left", height: 300 }), text({ ...center, align: "right" }));
    expect(areas.map(({ y }) => y)).toEqual([850, 950]);
  });

  test("a third one above the higher of two side by side", () => {
    const [, , third] = placed(text({ align: "left", height: 300 }), text({ align: "right" }), text({ width: 800 }));
    expect(third?.y).toBe(1600 - GAP - 100);
  });
});

describe("without room for all", () => {
  const overlaps = (areas: ReturnType<typeof placed>) =>
    areas.some((a, i) => areas.slice(0, i).some((b) => a.y < b.y + b.height && b.y < a.y + a.height));

  test("shrinks the highest as little as possible, and keeps the others", () => {
    const areas = placed(text({ position: "top", height: 3000 }), text(), text({ position: "bottom", height: 1500 }));
    expect(overlaps(areas)).toBe(false);
    expect(areas[1]?.height).toBe(100);
    expect(areas[0]?.height).toBeCloseTo(areas[2]?.height ?? 0);
    const used = areas.reduce((sum, { height }) => sum + height, 2 * GAP);
    expect(used).toBeLessThanOrEqual(1800);
    expect(used).toBeGreaterThan(1800 * 0.95);
  });

  test("also separates different positions", () => {
    for (const position of ["top", "center", "bottom"] as const) {
      const areas = placed(text({ position: "center", height: 900 }), text({ position, height: 900 }));
      expect(overlaps(areas)).toBe(false);
      for (const { y, height } of areas) {
        expect(y).toBeGreaterThanOrEqual(100 - 0.01);
        expect(y + height).toBeLessThanOrEqual(1900 + 0.01);
      }
    }
  });

  test("keeps even forty on the canvas", () => {
    const areas = placed(...Array.from({ length: 40 }, () => text({ position: "top" })));
    expect(overlaps(areas)).toBe(false);
    expect(Math.max(...areas.map(({ y, height }) => y + height))).toBeLessThanOrEqual(1900);
  });
});

test("refuses texts that would be illegible", () => {
  const small = () => placed(...Array.from({ length: 100 }, () => text()));
  expect(small).toThrow("The 100 texts over the clip don't fit on the canvas.");
});

test("places nothing for no text", () => {
  expect(placed()).toEqual([]);
});
