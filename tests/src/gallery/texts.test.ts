import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Align, Platform, Position, type TextBlockSchema } from "@polyreel/contract";
import { makeFont } from "@polyreel/media/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { footage, still, text, video } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { render } from "../testing/render.js";
import { BLUE, type Frame, framesOf, GREY, isColour, type Pixel, RED, WHITE } from "./look.js";
import { make, plain } from "./make.js";

const SIZE = { width: 180, height: 320 };
/** Height of a line in pixels: 0.2 of the shorter side. */
const LINE = 36;
const SAFE = 0.06;

type Style = Omit<MessageInitShape<typeof TextBlockSchema>, "$typeName" | "choices" | "over">;

interface Shown {
  readonly text: string;
  readonly style?: Style;
  /** Over the same clip. */
  readonly second?: { readonly text: string; readonly style: Style };
}

/** One clip each, of 10 frames of grey with the text over it. */
const SHOWN = {
  "top left": { text: "HH", style: { position: Position.TOP, align: Align.LEFT } },
  center: { text: "HH", style: { position: Position.CENTER } },
  "bottom right": { text: "HH", style: { position: Position.BOTTOM, align: Align.RIGHT } },
  "at the very edge": { text: "HH", style: { position: Position.TOP, align: Align.LEFT, safeArea: 0 } },
  "above TikTok's controls": {
    text: "HH",
    style: { position: Position.BOTTOM, align: Align.RIGHT, safeAreaPlatform: Platform.TIKTOK },
  },
  moved: { text: "HH", style: { position: Position.CENTER, offset: { x: 0.1, y: -0.25 } } },
  small: { text: "HH", style: { size: 0.1 } },
  red: { text: "HH", style: { color: "#ff0000" } },
  "half transparent": { text: "HH", style: { color: "#ffffff80", weight: 900, shadow: { color: "#00000000" } } },
  light: { text: "HH", style: { weight: 400 } },
  outlined: { text: "HH", style: { outline: { color: "#ff0000", width: 0.15 } } },
  shadowed: { text: "HH", style: { shadow: { color: "#ff0000", blur: 0.001, offset: 0.3 } } },
  "in a box": { text: "HH", style: { box: { color: "#0000ff", padding: 0.5, radius: 0 } } },
  "in a round box": { text: "HH", style: { box: { color: "#0000ff", padding: 0.5, radius: 0.5 } } },
  wrapped: { text: "HH HH HH HH", style: { size: 0.1, maxWidth: 0.4 } },
  "two at once": {
    text: "HH",
    style: { color: "#ff0000" },
    second: { text: "HH", style: { color: "#0000ff" } },
  },
  "narrow letters": { text: "iiii", style: { font: "DejaVu Sans Mono" } },
  "wide letters": { text: "MMMM", style: { font: "DejaVu Sans Mono" } },
  Arabic: { text: "مرحبا", style: { size: 0.15 } },
  Chinese: { text: "你好世界", style: { size: 0.15 } },
  emoji: { text: "🔥🔥", style: { size: 0.15 } },
} satisfies Record<string, Shown>;
type Name = keyof typeof SHOWN;

const white = isColour(WHITE);
const red = isColour(RED);
const blue = isColour(BLUE, 40); // Chroma is imprecise at the edges of small areas.
const ink = (pixel: Pixel) => !isColour(GREY, 40)(pixel);

let pipeline: Pipeline;
let frames: Frame[];
beforeAll(async () => {
  pipeline = await startPipeline();
  const grey = await make(pipeline, "grey.mp4", { picture: plain("0x808080", 1) });
  const trim = { duration: durationOf(10 / 30) };
  const shown: Shown[] = Object.values(SHOWN);
  const batch = await render(pipeline, {
    canvas: SIZE,
    blocks: shown.flatMap(({ text: words, style, second }, i) => [
      video(`v${i}`, { choices: [footage("grey", grey, { trim })] }),
      text(`t${i}`, { over: [`v${i}`], size: LINE / 180, ...style, choices: [{ text: words }] }),
      ...(second
        ? [text(`u${i}`, { over: [`v${i}`], size: LINE / 180, ...second.style, choices: [{ text: second.text }] })]
        : []),
    ]),
  });
  expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
  frames = await framesOf(batch.outputs[0]?.path ?? "", SIZE);
  expect(frames.length).toBe(10 * shown.length);
});
afterAll(() => pipeline?.close());

function frameOf(name: Name): Frame {
  const frame = frames[Object.keys(SHOWN).indexOf(name) * 10 + 5];
  if (!frame) throw new Error("There is no such frame.");
  return frame;
}
const boundsOf = (name: Name, looks: (pixel: Pixel) => boolean = white) => frameOf(name).bounds(looks);
const heightOf = ({ top, bottom }: { top: number; bottom: number }) => bottom - top + 1;
const widthOf = ({ left, right }: { left: number; right: number }) => right - left + 1;

describe("a text is placed", () => {
  // Letters don't fill their line: an H leaves up to a third of it above and below, and a tenth at its sides.
  const above = LINE / 3;
  const beside = LINE / 10;
  const [inX, inY] = [SAFE * SIZE.width, SAFE * SIZE.height];

  test("top left", () => {
    const { left, top } = boundsOf("top left");
    expect(left).toBeGreaterThanOrEqual(inX - 1);
    expect(left).toBeLessThanOrEqual(inX + beside + 1);
    expect(top).toBeGreaterThanOrEqual(inY - 1);
    expect(top).toBeLessThanOrEqual(inY + above + 1);
  });

  test("in the center", () => {
    const { left, right, top, bottom } = boundsOf("center");
    // Even pixels, and letters with different side bearings.
    expect(Math.abs(left + right - 179)).toBeLessThanOrEqual(4);
    expect(Math.abs(top + bottom - 319)).toBeLessThanOrEqual(LINE / 2);
  });

  test("bottom right", () => {
    const { right, bottom } = boundsOf("bottom right");
    expect(right).toBeLessThanOrEqual(180 - inX);
    expect(right).toBeGreaterThanOrEqual(180 - inX - beside - 2);
    expect(bottom).toBeLessThanOrEqual(320 - inY);
    expect(bottom).toBeGreaterThanOrEqual(320 - inY - above - 2);
  });

  test("at the very edge without a safe area", () => {
    expect(boundsOf("at the very edge").left).toBeLessThanOrEqual(beside + 1);
  });

  test("above and beside the controls of a platform", () => {
    const { right, bottom } = boundsOf("above TikTok's controls");
    expect(bottom).toBeLessThanOrEqual(0.75 * 320);
    expect(bottom).toBeGreaterThanOrEqual(0.75 * 320 - above - 2);
    expect(right).toBeLessThanOrEqual(0.86 * 180);
  });

  test("with an offset", () => {
    const [moved, plain] = [boundsOf("moved"), boundsOf("center")];
    // Pictures lie on even pixels.
    expect(Math.abs(moved.left - plain.left - 18)).toBeLessThanOrEqual(2);
    expect(Math.abs(moved.top - plain.top + 80)).toBeLessThanOrEqual(2);
  });

  test("wrapped, within its width", () => {
    const bounds = boundsOf("wrapped");
    expect(widthOf(bounds)).toBeLessThanOrEqual(0.4 * 180);
    expect(heightOf(bounds)).toBeGreaterThan(2 * heightOf(boundsOf("small")));
  });

  test("two at once, one above the other", () => {
    const [first, second] = [boundsOf("two at once", red), boundsOf("two at once", blue)];
    expect(second.bottom).toBeLessThan(first.top);
  });
});

describe("a text is styled", () => {
  test("its size and colour", () => {
    const [large, small] = [heightOf(boundsOf("center")), heightOf(boundsOf("small"))];
    // One pixel at each edge may be partly covered.
    expect(Math.abs(large - 2 * small)).toBeLessThanOrEqual(4);
    expect(frameOf("red").count(red)).toBeGreaterThan(100);
    expect(frameOf("red").count(white)).toBe(0);
  });

  test("its transparency", () => {
    // 0x80 of 255 of white over 128: 192. Stems are 6 pixels wide, so that their middle is plain.
    expect(frameOf("half transparent").count(isColour([192, 192, 192], 6))).toBeGreaterThan(60);
    expect(frameOf("half transparent").count(white)).toBe(0);
  });

  test("its weight", () => {
    const strokes = (name: Name) => frameOf(name).count(([value]) => value > 190);
    expect(strokes("light")).toBeLessThan(0.85 * strokes("bottom right"));
  });

  test("its outline, on every side", () => {
    const [inner, outer] = [boundsOf("outlined"), boundsOf("outlined", red)];
    // 0.15 of a line is 5.4 pixels; the outermost is mixed with grey, the innermost with white.
    for (const side of [inner.left - outer.left, outer.right - inner.right, inner.top - outer.top])
      expect(Math.abs(side - 0.15 * LINE)).toBeLessThanOrEqual(2.5);
  });

  test("its shadow, to the right and down", () => {
    const [letters, shadow] = [boundsOf("shadowed"), boundsOf("shadowed", isColour(RED, 60))];
    // 0.3 of a line is 10.8 pixels; both edges are soft.
    expect(Math.abs(shadow.right - letters.right - 0.3 * LINE)).toBeLessThanOrEqual(2.5);
    expect(Math.abs(shadow.bottom - letters.bottom - 0.3 * LINE)).toBeLessThanOrEqual(2.5);
  });

  test("its box, with its padding and corners", () => {
    const [letters, box] = [boundsOf("in a box"), boundsOf("in a box", blue)];
    // Half a line around the letters; an H leaves a tenth of a line at its sides, and pixels at edges are mixed.
    for (const side of [letters.left - box.left, box.right - letters.right])
      expect(Math.abs(side - 0.5 * LINE)).toBeLessThanOrEqual(LINE / 10 + 2);
    for (const side of [letters.top - box.top, box.bottom - letters.bottom])
      expect(Math.abs(side - 0.5 * LINE)).toBeLessThanOrEqual(3);
    const corner = (name: Name) => {
      const { left, top } = boundsOf(name, blue);
      return frameOf(name).pixel(left + 1, top + 1);
    };
    expect(corner("in a box")).toSatisfy(isColour(BLUE, 60));
    expect(corner("in a round box")).toSatisfy(isColour(GREY, 40));
  });

  test("its font", () => {
    // Monospaced: four letters i are as wide as four M, except for their side bearings.
    const [narrow, wide] = [widthOf(boundsOf("narrow letters")), widthOf(boundsOf("wide letters"))];
    expect(narrow).toBeGreaterThan(0.8 * wide);
  });
});

describe("a text of another script", () => {
  test.each(["Arabic", "Chinese"] as const)("%s", (name) => {
    const bounds = boundsOf(name);
    expect(widthOf(bounds)).toBeGreaterThan(1.5 * heightOf(bounds));
    expect(frameOf(name).count(white)).toBeGreaterThan(100);
  });

  test("emoji, in their colours", () => {
    const colours = new Set<string>();
    const frame = frameOf("emoji");
    frame.count((pixel) => {
      if (!ink(pixel)) return false;
      const [r, g, b] = pixel;
      if (r > 150 && g > 100 && b < 120) colours.add("yellow");
      if (r > 180 && g < 100 && b < 100) colours.add("red");
      return true;
    });
    expect([...colours].sort()).toEqual(["red", "yellow"]);
  });
});

test("a font from a file", async () => {
  // In which the letter A is a filled square.
  const path = join(pipeline.folder, "squares.ttf");
  await writeFile(path, makeFont("Polyreel Squares", "A", 700));
  const font = { name: "squares.ttf", location: { case: "sha256" as const, value: await put(pipeline, path) } };
  const grey = await make(pipeline, "grey.png", { picture: plain("0x808080", 1) });
  const batch = await render(pipeline, {
    canvas: SIZE,
    blocks: [
      video("v", { choices: [still("grey", grey)] }),
      text("t", { fontFile: font, size: 0.3, position: Position.CENTER, choices: [{ text: "A" }] }),
    ],
  });
  expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
  const frame = (await framesOf(batch.outputs[0]?.path ?? "", SIZE))[5] as Frame;
  const square = frame.bounds(white);
  // Edges are between pixels.
  expect(Math.abs(widthOf(square) - heightOf(square))).toBeLessThanOrEqual(2);
  expect(frame.count(white)).toBeGreaterThan(0.97 * widthOf(square) * heightOf(square));
});

test("fades from nothing to nothing, proportional in between", async () => {
  const grey = await make(pipeline, "grey-2.mp4", { picture: plain("0x808080", 2) });
  // 14 frames in, 14 out: frame i of 14 has an opacity of (i + 1) / 15.
  const fade = durationOf(14 / 30);
  const batch = await render(pipeline, {
    canvas: SIZE,
    blocks: [
      video("v", { choices: [footage("grey", grey)] }),
      text("t", { size: 0.3, weight: 900, fadeIn: fade, fadeOut: fade, choices: [{ text: "HH" }] }),
    ],
  });
  const shown = await framesOf(batch.outputs[0]?.path ?? "", SIZE);
  expect(shown.length).toBe(60);
  const full = shown[30] as Frame;
  const { left, top, bottom } = full.bounds(white);
  // The middle of the first stem, where nothing is mixed with the background.
  const opacity = (frame: Frame | undefined) =>
    ((frame?.pixel(left + 3, (top + bottom) / 2)[1] ?? Number.NaN) - 128) / (255 - 128);
  // 0.04: 5 of 127 levels, the encoder's error in a moving picture.
  for (const [frame, expected] of [
    [0, 1 / 15],
    [4, 5 / 15],
    [9, 10 / 15],
    [14, 1],
    [45, 1],
    [50, 10 / 15],
    [55, 5 / 15],
    [59, 1 / 15],
  ] as const)
    expect(Math.abs(opacity(shown[frame]) - expected), `frame ${frame}`).toBeLessThan(0.04);
});
