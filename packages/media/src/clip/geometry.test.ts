import { describe, expect, it } from "vitest";
import { place } from "./geometry.js";

const portrait = { width: 1080, height: 1920 };
const picture = (width: number, height: number) => ({ width, height });

describe("contain", () => {
  it.each([
    ["wide on tall", picture(640, 480), { scaled: picture(1080, 810), x: 0, y: 556 }],
    ["tall on tall", picture(100, 400), { scaled: picture(480, 1920), x: 300, y: 0 }],
    ["the same shape", picture(540, 960), { scaled: portrait, x: 0, y: 0 }],
    ["almost the same shape: no hairline bars", picture(1080, 1918), { scaled: portrait, x: 0, y: 0 }],
    ["odd sizes", picture(33, 17), { scaled: picture(1080, 556), x: 0, y: 682 }],
    ["a line", picture(10_000, 1), { scaled: picture(1080, 2), x: 0, y: 960 }],
  ])("%s", (_what, shown, placement) => {
    expect(place(shown, portrait, "contain")).toEqual(placement);
  });
});

describe("cover", () => {
  it.each([
    ["wide on tall", picture(640, 480), { scaled: picture(2560, 1920), x: -740, y: 0 }],
    ["tall on tall", picture(500, 1000), { scaled: picture(1080, 2160), x: 0, y: -120 }],
    ["the same shape", picture(540, 960), { scaled: portrait, x: 0, y: 0 }],
  ])("%s", (_what, shown, placement) => {
    expect(place(shown, portrait, "cover")).toEqual(placement);
  });

  it("crops extreme shapes first, to avoid huge intermediate pictures", () => {
    const { precut, scaled, x } = place(picture(10_000, 100), portrait, "cover");
    expect(precut?.width).toBeCloseTo((2 * 56.25) / 10_000, 6);
    expect(precut?.height).toBe(1);
    expect(scaled).toEqual(picture(2160, 1920));
    expect(x).toBe(-540);
  });
});

it("always fills or fits, on even pixels", () => {
  for (let width = 1; width < 300; width += 7) {
    for (let height = 1; height < 300; height += 11) {
      const canvas = picture(96, 160);
      const contained = place(picture(width, height), canvas, "contain");
      const covering = place(picture(width, height), canvas, "cover");
      for (const { scaled, x, y } of [contained, covering]) {
        expect([scaled.width % 2, scaled.height % 2, Math.abs(x % 2), Math.abs(y % 2)]).toEqual([0, 0, 0, 0]);
      }
      expect(contained.x >= 0 && contained.x + contained.scaled.width <= 96).toBe(true);
      expect(contained.y >= 0 && contained.y + contained.scaled.height <= 160).toBe(true);
      expect(covering.x <= 0 && covering.x + covering.scaled.width >= 96).toBe(true);
      expect(covering.y <= 0 && covering.y + covering.scaled.height >= 160).toBe(true);
    }
  }
});

it("refuses any other fit", () => {
  expect(() => place(portrait, portrait, "stretch")).toThrow(/"cover", "contain" or "blur", not "stretch"/);
});
