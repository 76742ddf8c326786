import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  Align,
  BatchSchema,
  type BlockSchema,
  Fit,
  Overrun,
  Platform,
  Position,
  Sound,
  TransitionKind,
  Zoom,
} from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { choicesOf } from "./choices.js";
import { combinationCount } from "./combination-count.js";
import { normalizeBatch } from "./normalize.js";

type BlockInit = MessageInitShape<typeof BlockSchema>;

const batchOf = (...blocks: BlockInit[]) => create(BatchSchema, { blocks });
const footage = (name: string, label = "") => ({
  label,
  media: { case: "source" as const, value: { name, location: { case: "sha256" as const, value: "a".repeat(64) } } },
});
const video = (name: string, ...choices: ReturnType<typeof footage>[]): BlockInit => ({
  name,
  kind: { case: "video", value: { choices } },
});

describe("normalizeBatch", () => {
  it("fills in every default of the batch and its canvas", () => {
    const full = normalizeBatch(batchOf());
    expect(full.tenant).toBe("default");
    expect(full.canvas).toMatchObject({
      width: 1080,
      height: 1920,
      frameRate: 30,
      fit: Fit.CONTAIN,
      background: "#000000",
    });
    expect(full.outputs).toMatchObject([{ name: "video", operation: { case: "mp4" } }]);
  });

  it("keeps explicit values", () => {
    const explicit = create(BatchSchema, {
      tenant: "acme",
      canvas: { width: 720, height: 1280, frameRate: 25, fit: Fit.COVER, background: "#AABBCC" },
      blocks: [{ name: "v", kind: { case: "video", value: { sound: Sound.MUTED } } }],
    });
    const full = normalizeBatch(explicit);
    expect(full.tenant).toBe("acme");
    expect(full.canvas).toMatchObject({ width: 720, frameRate: 25, fit: Fit.COVER, background: "#aabbcc" });
    expect(full.blocks[0]?.kind.value).toMatchObject({ sound: Sound.MUTED });
  });

  it("puts text over all video blocks and starts voices at the first one", () => {
    const full = normalizeBatch(
      batchOf(
        { name: "headline", kind: { case: "text", value: { box: {}, choices: [{ text: "Hi" }] } } },
        { name: "speaker", kind: { case: "voice", value: { choices: [{ text: "Hi" }] } } },
        video("hook", footage("a.mp4")),
        video("body", footage("b.mp4")),
      ),
    );
    expect(full.blocks[0]?.kind.value).toMatchObject({
      over: ["hook", "body"],
      position: Position.BOTTOM,
      size: 0.07,
      color: "#ffffffff",
      box: { color: "#000000a0" },
      maxWidth: 0.9,
    });
    expect(full.blocks[1]?.kind.value).toMatchObject({ at: "hook", overrun: Overrun.FAIL, offset: { seconds: 0n } });
    expect(full.blocks[2]?.kind.value).toMatchObject({ sound: Sound.KEPT });
  });

  it("shows a still for 3 seconds and gives footage no duration", () => {
    const full = normalizeBatch(
      batchOf({
        name: "v",
        kind: {
          case: "video",
          value: {
            choices: [
              { media: { case: "image", value: { name: "a.jpg" } } },
              { media: { case: "image", value: { name: "b.jpg" } }, duration: { seconds: 2n } },
              { media: { case: "source", value: { name: "c.mp4" } } },
            ],
          },
        },
      }),
    );
    const block = full.blocks[0]?.kind;
    expect(block?.case === "video" && block.value.choices.map((choice) => choice.duration?.seconds)).toEqual([
      3n,
      2n,
      undefined,
    ]);
  });

  const only = (block: BlockInit) => normalizeBatch(batchOf(video("v", footage("a.mp4")), block)).blocks[1]?.kind.value;
  const seconds = (value: number) => ({ seconds: BigInt(Math.floor(value)), nanos: Math.round((value % 1) * 1e9) });

  it.each<[string, BlockInit, object]>([
    [
      "of a text",
      { name: "t", kind: { case: "text", value: { choices: [{}] } } },
      { align: Align.CENTER, safeArea: 0.06, weight: 700, fadeIn: seconds(0), fadeOut: seconds(0) },
    ],
    [
      "of a text for a platform",
      { name: "t", kind: { case: "text", value: { safeAreaPlatform: Platform.REELS, choices: [{}] } } },
      { safeArea: 0.06, safeAreaSides: { top: 0.14, right: 0.06, bottom: 0.35, left: 0.06 } },
    ],
    [
      "of its box, outline and shadow, where it has them",
      { name: "t", kind: { case: "text", value: { box: {}, outline: {}, shadow: {}, choices: [{}] } } },
      {
        box: { color: "#000000a0", padding: 0.35, radius: 0.2 },
        outline: { color: "#000000ff", width: 0.08 },
        shadow: { color: "#000000a0", blur: 0.15, offset: 0.05 },
      },
    ],
    [
      "of what is zero on purpose",
      {
        name: "t",
        kind: {
          case: "text",
          value: { safeArea: 0, box: { padding: 0, radius: 0 }, shadow: { offset: 0 }, choices: [{}] },
        },
      },
      { safeArea: 0, box: { padding: 0, radius: 0 }, shadow: { offset: 0 } },
    ],
    [
      "of a voice and its further lines",
      {
        name: "s",
        kind: {
          case: "voice",
          value: {
            choices: [{ text: "a" }, { text: "b", voice: "slt", rate: 1.5, pitch: 2, next: [{ text: "c" }] }],
          },
        },
      },
      {
        choices: [
          { rate: 1, next: [] },
          { rate: 1.5, next: [{ voice: "slt", rate: 1.5, pitch: 2, pause: seconds(0.3) }] },
        ],
      },
    ],
    [
      "of a bed",
      { name: "m", kind: { case: "audio", value: { choices: [{}] } } },
      { fadeIn: seconds(0), fadeOut: seconds(0.5), offset: seconds(0), delay: seconds(0) },
    ],
    [
      "of an effect, which ends by itself",
      { name: "m", kind: { case: "audio", value: { at: "v", choices: [{}] } } },
      { fadeOut: seconds(0) },
    ],
    [
      "of a bed that ends at once",
      { name: "m", kind: { case: "audio", value: { fadeOut: {}, choices: [{}] } } },
      { fadeOut: seconds(0) },
    ],
    [
      "of a transition",
      { name: "w", kind: { case: "video", value: { transition: {}, choices: [{}] } } },
      { transition: { kind: TransitionKind.CROSSFADE, duration: seconds(0.5), color: "#000000" } },
    ],
    [
      "of footage in a muted block",
      {
        name: "w",
        kind: { case: "video", value: { sound: Sound.MUTED, choices: [{}, { sound: Sound.KEPT, zoom: Zoom.IN }] } },
      },
      {
        choices: [
          { sound: Sound.MUTED, zoom: Zoom.NONE },
          { sound: Sound.KEPT, zoom: Zoom.IN },
        ],
      },
    ],
  ])("fills in the defaults %s", (_, block, defaults) => {
    expect(only(block)).toMatchObject(defaults);
  });

  it("treats a cut as no transition, and adds no box to a text", () => {
    const cut = only({
      name: "w",
      kind: { case: "video", value: { transition: { kind: TransitionKind.CUT }, choices: [{}] } },
    });
    expect(cut).toHaveProperty("sound");
    expect(cut).not.toHaveProperty("transition");
    expect(only({ name: "t", kind: { case: "text", value: { choices: [{}] } } })).not.toHaveProperty("box");
  });

  it("labels canvases by their size, and adds none to several", () => {
    const full = normalizeBatch(create(BatchSchema, { canvases: [{}, { width: 720, height: 720, label: "square" }] }));
    expect(full.canvas).toBeUndefined();
    expect(full.canvases).toMatchObject([
      { label: "1080x1920", frameRate: 30, fit: Fit.CONTAIN },
      { label: "square", background: "#000000" },
    ]);
    expect(normalizeBatch(batchOf()).canvas?.label).toBe("1080x1920");
    expect(normalizeBatch(create(BatchSchema, { canvas: {}, canvases: [{}] })).canvas).toBeDefined();
  });

  it("does not modify its input, and is idempotent", () => {
    const given = batchOf(video("v", footage("a.mp4")));
    const before = structuredClone(given);
    const once = normalizeBatch(given);
    expect(given).toEqual(before);
    expect(normalizeBatch(once)).toEqual(once);
  });
});

describe("labels", () => {
  const labels = (block: BlockInit): string[] =>
    normalizeBatch(batchOf(block)).blocks.flatMap((normal) => choicesOf(normal).map((choice) => choice.label));

  it.each([
    ["friday.mp4", "friday"],
    ["media/spring sale/friday.final.mp4", "friday.final"],
    ["C:\\media\\friday.mp4", "friday"],
    ["README", "README"],
    [".hidden", ".hidden"],
    ["media/", "1"],
    ["", "1"],
  ])("labels a source called %j as %j", (name, label) => {
    expect(labels(video("v", footage(name)))).toEqual([label]);
  });

  it.each([
    ["https://cdn.example/spring/friday.mp4?token=a/b.c", "friday"],
    ["https://cdn.example/half%20price.mp4#t=3", "half price"],
    ["https://cdn.example/", "1"],
    ["https://cdn.example/100%.mp4", "1"],
    ["https://", "1"],
  ])("labels a source at %s as %j", (value, label) => {
    const media = { case: "source" as const, value: { location: { case: "url" as const, value } } };
    expect(labels({ name: "v", kind: { case: "video", value: { choices: [{ media }] } } })).toEqual([label]);
  });

  it("prefers the label, then the text, then the position", () => {
    const choices = [{ label: "own", text: "x" }, { text: " Half price " }, { text: "" }];
    expect(labels({ name: "t", kind: { case: "text", value: { choices } } })).toEqual(["own", "Half price", "3"]);
    expect(labels({ name: "a", kind: { case: "audio", value: { choices: [{}] } } })).toEqual(["1"]);
  });
});

describe("combinationCount", () => {
  const choices = (count: number) => Array.from({ length: count }, () => ({}));
  const block = (count: number): BlockInit => ({
    name: "x",
    kind: { case: "text", value: { choices: choices(count) } },
  });

  it.each([
    [[3, 3, 3, 2, 2], 108n],
    [[1], 1n],
    [[2, 0], 0n],
    [Array.from({ length: 64 }, () => 10), 10n ** 64n],
  ])("%j choices give %s", (counts, combinations) => {
    expect(combinationCount(batchOf(...counts.map(block)))).toBe(combinations);
  });
});
