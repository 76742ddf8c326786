import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  BatchSchema,
  type BlockSchema,
  Container,
  Fit,
  Overrun,
  Position,
  Sound,
} from "../gen/polyreel/v1/batch_pb.js";
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
  it("says every default of the batch and its canvas", () => {
    const full = normalizeBatch(batchOf());
    expect(full.tenant).toBe("default");
    expect(full.canvas).toMatchObject({
      width: 1080,
      height: 1920,
      frameRate: 30,
      fit: Fit.CONTAIN,
      background: "#000000",
    });
    expect(full.outputs).toMatchObject([{ container: Container.MP4 }]);
  });

  it("keeps what is said", () => {
    const said = create(BatchSchema, {
      tenant: "acme",
      canvas: { width: 720, height: 1280, frameRate: 25, fit: Fit.COVER, background: "#AABBCC" },
      blocks: [{ name: "v", kind: { case: "video", value: { sound: Sound.MUTED } } }],
    });
    const full = normalizeBatch(said);
    expect(full.tenant).toBe("acme");
    expect(full.canvas).toMatchObject({ width: 720, frameRate: 25, fit: Fit.COVER, background: "#aabbcc" });
    expect(full.blocks[0]?.kind.value).toMatchObject({ sound: Sound.MUTED });
  });

  it("lays text over all video blocks and starts voices at the first one", () => {
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

  it("leaves what it was given as it was, and changes nothing the second time", () => {
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
  ])("a source called %j is labelled %j", (name, label) => {
    expect(labels(video("v", footage(name)))).toEqual([label]);
  });

  it.each([
    ["https://cdn.example/spring/friday.mp4?token=a/b.c", "friday"],
    ["https://cdn.example/half%20price.mp4#t=3", "half price"],
    ["https://cdn.example/", "1"],
    ["https://cdn.example/100%.mp4", "1"],
    ["https://", "1"],
  ])("a source at %s is labelled %j", (value, label) => {
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
