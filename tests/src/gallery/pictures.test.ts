import { Fit, Sound as FootageSound, Overrun, Position, TransitionKind, Zoom } from "@polyreel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quarters } from "../real-input/quarters.js";
import { footage, still, text, video, voice } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type RenderedBatch, render } from "../testing/render.js";
import { Sound } from "./listen.js";
import { BLUE, type Frame, framesOf, GREEN, isColour, RED, WHITE } from "./look.js";
import { make, plain, tone } from "./make.js";

const SIZE = { width: 180, height: 320 };

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline?.close());

/** The frames of the only output with these choices. */
async function seen(batch: RenderedBatch, choices: Record<string, string> = {}, size = SIZE): Promise<Frame[]> {
  expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
  const found = batch.outputs.filter((output) =>
    Object.entries(choices).every(([block, choice]) => output.choices[block] === choice),
  );
  expect(found.length).toBe(1);
  return framesOf(found[0]?.path ?? "", size);
}

const at = (frame: Frame | undefined, x: number, y: number) => {
  if (!frame) throw new Error("There is no such frame.");
  return frame.pixel(x, y);
};

test("around a picture of another shape: the colour, a picture, its own blurred copy, or nothing", async () => {
  const wide = await make(pipeline, "wide.png", { picture: quarters("160x90") });
  const behind = await make(pipeline, "behind.png", { picture: plain("0xff00ff", 1, "90x160") });
  const batch = await render(pipeline, {
    canvases: [
      { ...SIZE, label: "colour", fit: Fit.CONTAIN, background: "#204060" },
      {
        ...SIZE,
        label: "picture",
        fit: Fit.CONTAIN,
        backgroundPicture: { name: "behind.png", location: { case: "sha256", value: behind } },
      },
      { ...SIZE, label: "blur", fit: Fit.BLUR },
      { ...SIZE, label: "cover", fit: Fit.COVER },
    ],
    blocks: [video("film", { choices: [still("wide", wide)] })],
  });

  // The picture itself covers the middle, 180x101 pixels of it, in any case.
  const [colour, picture, blur, cover] = await Promise.all(
    ["colour", "picture", "blur", "cover"].map(async (canvas) => (await seen(batch, { canvas }))[7]),
  );
  for (const frame of [colour, picture, blur, cover]) {
    expect(at(frame, 45, 135)).toSatisfy(isColour(RED));
    expect(at(frame, 135, 135)).toSatisfy(isColour(GREEN));
    expect(at(frame, 45, 185)).toSatisfy(isColour(BLUE));
    expect(at(frame, 135, 185)).toSatisfy(isColour(WHITE));
  }
  for (const y of [5, 100, 220, 315]) {
    for (const x of [5, 90, 175]) {
      expect(at(colour, x, y)).toSatisfy(isColour([0x20, 0x40, 0x60]));
      expect(at(picture, x, y)).toSatisfy(isColour([255, 0, 255]));
    }
  }
  // Covering, the quarters reach the corners and meet in one sharp edge; blurred, the same colours flow into each other:
  // the edge between red and green, one or two pixels wide there, takes 10 or more (a blur of 0.03 of 180 to each side).
  for (const frame of [blur, cover]) {
    // 40: in a blurred picture nothing is quite plain.
    expect(at(frame, 10, 20)).toSatisfy(isColour(RED, 40));
    expect(at(frame, 170, 20)).toSatisfy(isColour(GREEN, 40));
    expect(at(frame, 10, 300)).toSatisfy(isColour(BLUE, 40));
    expect(at(frame, 170, 300)).toSatisfy(isColour(WHITE, 40));
  }
  const between = (frame: Frame | undefined) =>
    Array.from({ length: SIZE.width }, (_, x) => at(frame, x, 40)).filter(([red]) => red > 30 && red < 225).length;
  expect(between(cover)).toBeLessThanOrEqual(4);
  expect(between(blur)).toBeGreaterThanOrEqual(10);
});

test("a zoomed still grows by 15 %, or shrinks from there", async () => {
  // A white field of 60x60 on blue, with a white frame of 5 pixels at the canvas's edge.
  const field = "drawbox=x=60:y=130:w=60:h=60:c=white:t=fill,drawbox=x=0:y=0:w=180:h=320:c=white:t=5";
  const framed = await make(pipeline, "framed.png", { picture: `${plain("blue", 1)},format=rgb24,${field}` });
  const second = { duration: durationOf(1) };
  const batch = await render(pipeline, {
    canvas: SIZE,
    blocks: [
      video("film", {
        choices: [
          { ...still("stands", framed), ...second },
          { ...still("in", framed), ...second, zoom: Zoom.IN },
          { ...still("out", framed), ...second, zoom: Zoom.OUT },
        ],
      }),
    ],
  });
  const white = isColour(WHITE, 60);
  /** Width of the field, and whether the frame at the edge is visible. */
  const look = (frame: Frame | undefined) => {
    const row = Array.from({ length: 160 }, (_, i) => at(frame, 10 + i, 160)).filter(white).length;
    return { row, edge: white(at(frame, 1, 160)) };
  };
  for (const [film, first, last] of [
    ["stands", 60, 60],
    ["in", 60, 69],
    ["out", 69, 60],
  ] as const) {
    const frames = await seen(batch, { film });
    expect(frames.length).toBe(30);
    for (const [frame, width] of [
      [frames[0], first],
      [frames[29], last],
    ] as const) {
      const { row, edge } = look(frame);
      // One pixel at each end may be a mixture.
      expect(Math.abs(row - width), `${film}: ${row}`).toBeLessThanOrEqual(2);
      expect(edge).toBe(width === 60);
    }
  }
});

test("transitions: half way through, at their ends, and their sound", async () => {
  const red = await make(pipeline, "red.mp4", { picture: plain("red", 1), sound: tone(440, 1) });
  const blue = await make(pipeline, "blue.mp4", { picture: plain("blue", 1), sound: tone(660, 1) });
  const kinds = [
    TransitionKind.CROSSFADE,
    TransitionKind.WIPE_LEFT,
    TransitionKind.WIPE_RIGHT,
    TransitionKind.WIPE_UP,
    TransitionKind.WIPE_DOWN,
    TransitionKind.DIP,
  ];
  // Each lasts 9 frames, so that the middle one is half way.
  const [whole, taken] = [30, 9];
  const duration = durationOf(taken / 30);
  const batch = await render(pipeline, {
    canvas: SIZE,
    blocks: [...kinds, TransitionKind.CUT].map((kind, i) =>
      video(`v${i}`, {
        choices: [i % 2 ? footage("blue", blue) : footage("red", red)],
        transition: { kind, duration, color: "#ffff00" },
      }),
    ),
  });
  const frames = await seen(batch);
  expect(frames.length).toBe(7 * whole - 6 * taken);
  const startOf = (transition: number) => (transition + 1) * (whole - taken);
  const middle = (kind: TransitionKind) => frames[startOf(kinds.indexOf(kind)) + (taken - 1) / 2];

  // Half of each, within rounding: mixed in YUV, which equals RGB for colours on one line.
  expect(at(middle(TransitionKind.CROSSFADE), 90, 160)).toSatisfy(isColour([128, 0, 128], 8));
  expect(at(middle(TransitionKind.DIP), 90, 160)).toSatisfy(isColour([255, 255, 0]));
  // Edges are in the middle; 6 pixels from it each side has its colour, chroma at half resolution included. Named for
  // the direction of the edge: with a wipe to the left, the next picture (blue into red for odd ones) comes from the
  // right.
  const sides = (kind: TransitionKind) => {
    const frame = middle(kind);
    const across = kind === TransitionKind.WIPE_LEFT || kind === TransitionKind.WIPE_RIGHT;
    const [before, after] = across
      ? [at(frame, 84, 50), at(frame, 96, 270)]
      : [at(frame, 20, 154), at(frame, 160, 166)];
    return [before, after].map((pixel) =>
      isColour(RED)(pixel) ? "red" : isColour(BLUE)(pixel) ? "blue" : pixel.join(),
    );
  };
  expect(sides(TransitionKind.WIPE_LEFT)).toEqual(["blue", "red"]); // Blue leaves, red comes from the right.
  expect(sides(TransitionKind.WIPE_RIGHT)).toEqual(["blue", "red"]); // Red leaves, blue comes from the left.
  expect(sides(TransitionKind.WIPE_UP)).toEqual(["blue", "red"]); // Blue leaves, red comes from below.
  expect(sides(TransitionKind.WIPE_DOWN)).toEqual(["blue", "red"]); // Red leaves, blue comes from above.
  // Nothing is mixed outside of them.
  for (const [i] of kinds.entries()) {
    const colour = i % 2 ? BLUE : RED;
    expect(at(frames[startOf(i) - 1], 90, 160)).toSatisfy(isColour(colour));
    expect(at(frames[startOf(i) + taken], 90, 160)).toSatisfy(isColour(i % 2 ? RED : BLUE));
  }

  // Two tones with an equal-power crossfade: the level stays constant. 1 dB: AAC, and the two tones' K-weights.
  const sound = await Sound.of(batch.outputs[0]?.path ?? "");
  const steady = sound.level(0.2, 0.6);
  for (let from = 0.2; from < 5; from += 0.05)
    expect(Math.abs(sound.level(from, from + 0.05) - steady), `at ${from.toFixed(2)} s`).toBeLessThan(1);
  // Half way through the first one, each is 3 dB down.
  const half = (startOf(0) + taken / 2) / 30;
  for (const hertz of [440, 660])
    expect(Math.abs(sound.tone(hertz, half - 0.025, half + 0.025) - steady + 3)).toBeLessThan(1.5);
});

test("a zoom and a text continue through a transition, and while a still is held", async () => {
  const field = "drawbox=x=60:y=130:w=60:h=60:c=white:t=fill";
  const moving = await make(pipeline, "moving.png", { picture: `${plain("blue", 1)},format=rgb24,${field}` });
  const choice = { ...still("moving", moving), duration: durationOf(1), zoom: Zoom.IN };
  const batch = await render(pipeline, {
    canvas: SIZE,
    blocks: [
      video("one", {
        choices: [choice],
        transition: { kind: TransitionKind.CROSSFADE, duration: durationOf(0.3) },
      }),
      video("two", { choices: [choice] }),
      text("over", { size: 0.2, color: "#ff0000", position: Position.TOP, choices: [{ text: "HH" }] }),
      voice("speaker", {
        at: "two",
        offset: durationOf(0.8),
        overrun: Overrun.EXTEND,
        choices: [{ text: "Hi", voice: "rms" }],
      }),
    ],
  });
  const frames = await seen(batch);
  expect(frames.length).toBeGreaterThan(60);
  // The text is equally visible in every frame: 15 % for the encoder's effect on edges between red and blue.
  const reds = frames.map((frame) => frame.count(isColour(RED, 60)));
  const usual = reds[2] ?? Number.NaN;
  for (const [i, count] of reds.entries()) expect(Math.abs(count / usual - 1), `frame ${i}`).toBeLessThan(0.15);
  // The field grows evenly by 0.3 pixels per frame, including where the first clip ends in the transition. Only the
  // white field contains red; the encoder leaves up to 16 of 255 in the blue around it.
  const width = (frame: Frame | undefined) =>
    Array.from({ length: SIZE.width }, (_, x) => Math.max(0, at(frame, x, 160)[0] - 16) / 239).reduce(
      (a, b) => a + b,
      0,
    );
  const widths = frames.map(width);
  for (let i = 1; i < 21; i++) expect((widths[i] ?? 0) - (widths[i - 1] ?? 0), `frame ${i}`).toBeLessThan(1);
  expect((widths[20] ?? 0) - (widths[0] ?? 0)).toBeGreaterThan(4);
  // In the transition it is between the sizes of both clips.
  for (const i of [21, 25, 29]) {
    expect(widths[i]).toBeGreaterThan((widths[0] ?? 0) - 1);
    expect(widths[i]).toBeLessThan(69 + 1);
  }
  // Holding a still means showing it longer: the zoom continues, and ends with the video.
  for (let i = 31; i < widths.length; i++) {
    const step = (widths[i] ?? 0) - (widths[i - 1] ?? 0);
    expect(Math.abs(step - 0.2), `frame ${i}`).toBeLessThan(0.6);
  }
  expect(Math.abs((widths.at(-1) ?? 0) - 69)).toBeLessThan(1);
});

test("a muted block beside one that keeps its sound", async () => {
  const loud = await make(pipeline, "loud.mp4", { picture: plain("red", 1), sound: tone(440, 1) });
  const batch = await render(pipeline, {
    canvas: { width: 90, height: 160 },
    blocks: [
      video("one", { sound: FootageSound.MUTED, choices: [footage("loud", loud)] }),
      video("two", {
        choices: [
          footage("as it is", loud),
          footage("quieter", loud, { gainDb: -10 }),
          footage("muted", loud, { sound: FootageSound.MUTED }),
        ],
      }),
    ],
  });
  expect(batch.failures).toEqual([]);
  const [kept, quieter, muted] = batch.outputs;
  expect(muted?.sound).toBeUndefined();
  const [one, other] = [await Sound.of(kept?.path ?? ""), await Sound.of(quieter?.path ?? "")];
  expect(one.level(0.1, 0.9)).toBeLessThan(-80);
  // 0.3 dB: AAC at two levels.
  expect(Math.abs(one.level(1.2, 1.8) - other.level(1.2, 1.8) - 10)).toBeLessThan(0.3);
});
