import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, type BlockSchema, normalizeBatch, Zoom } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { checkBatch } from "./check-batch.js";

type BlockInit = MessageInitShape<typeof BlockSchema>;

const source = { name: "a.mp4", location: { case: "sha256" as const, value: "a".repeat(64) } };
const video = (name: string, labels = ["one"]): BlockInit => ({
  name,
  kind: {
    case: "video",
    value: { choices: labels.map((label) => ({ label, media: { case: "source", value: source } })) },
  },
});
const text = (name: string, over: string[], texts = ["Hi"]): BlockInit => ({
  name,
  kind: { case: "text", value: { over, choices: texts.map((one) => ({ text: one })) } },
});
const voice = (name: string, at: string): BlockInit => ({
  name,
  kind: { case: "voice", value: { at, choices: [{ text: "Hi" }] } },
});
const captions = (name: string, of: string, also = ""): BlockInit => ({
  name,
  kind: { case: "text", value: { choices: [{ label: "one", captions: of, text: also }] } },
});
const audio = (name: string): BlockInit => ({ name, kind: { case: "audio", value: { choices: [{ source }] } } });

const check = (blocks: BlockInit[], rest: MessageInitShape<typeof BatchSchema> = {}) =>
  checkBatch(normalizeBatch(create(BatchSchema, { blocks, ...rest }))).map(
    ({ block, choice, field, reason, remedy }) => ({ block, choice, field, reason, remedy }),
  );

describe("checkBatch", () => {
  it("finds nothing wrong with a batch of all four kinds", () => {
    const blocks = [video("hook"), video("body"), text("headline", ["hook"]), voice("speaker", "body"), audio("music")];
    expect(check(blocks, { naming: "{batch}-{hook}_{body}_{id}" })).toEqual([]);
  });

  it.each<[string, BlockInit[], object, object]>([
    [
      "no video block",
      [text("headline", [])],
      {},
      {
        block: "",
        field: "blocks",
        reason: "The batch has no video block.",
        remedy: "Add a block with video choices: every combination needs a picture.",
      },
    ],
    [
      "a block named twice",
      [video("hook"), audio("music"), video("hook")],
      {},
      {
        block: "hook",
        field: "blocks[2].name",
        reason: 'Two blocks are named "hook": blocks[0] and blocks[2].',
      },
    ],
    ["a block with a reserved name", [video("id")], {}, { block: "id", field: "blocks[0].name" }],
    [
      "a label given twice",
      [video("hook", ["a", "b", "a"])],
      {},
      {
        block: "hook",
        choice: "a",
        field: "blocks[0].video.choices[2].label",
        reason: 'Two choices of block "hook" go by "a": choices[0] and choices[2].',
      },
    ],
    [
      "the same text twice, without labels",
      [video("hook"), text("headline", [], ["Free", "Free"])],
      {},
      { block: "headline", choice: "Free", field: "blocks[1].text.choices[1].label" },
    ],
    [
      "text over a block that does not exist",
      [video("hook"), video("body"), text("headline", ["hook", "hok"])],
      {},
      {
        block: "headline",
        field: "blocks[2].text.over[1]",
        reason: 'Text block "headline" lies over "hok", and there is no block of that name.',
        remedy: 'Did you mean "hook"? The video blocks are "hook" and "body".',
      },
    ],
    [
      "text over a block that is not video",
      [video("hook"), audio("music"), text("headline", ["music"])],
      {},
      {
        block: "headline",
        field: "blocks[2].text.over[0]",
        reason: 'Text block "headline" lies over "music", which is an audio block.',
        remedy: 'The video block is "hook".',
      },
    ],
    [
      "a voice at a block that does not exist",
      [video("hook"), voice("speaker", "outro")],
      {},
      {
        block: "speaker",
        field: "blocks[1].voice.at",
        reason: 'Voice block "speaker" starts at "outro", and there is no block of that name.',
        remedy: 'The video block is "hook".',
      },
    ],
    [
      "an unknown placeholder",
      [video("hook"), video("body")],
      { naming: "{hook}_{boddy}" },
      {
        field: "naming",
        reason: 'The file names\' template has "{boddy}", and there is no block of that name.',
        remedy: "Did you mean {body}? Known are {hook}, {body}, {canvas}, {id}, {batch}.",
      },
    ],
    ["a brace left open", [video("hook")], { naming: "{hook" }, { field: "naming" }],
    [
      "a duration on footage",
      [
        {
          name: "v",
          kind: {
            case: "video",
            value: { choices: [{ label: "x", media: { case: "source", value: source }, duration: { seconds: 1n } }] },
          },
        },
      ],
      {},
      { block: "v", choice: "x", field: "blocks[0].video.choices[0].duration" },
    ],
    [
      "a trimmed still",
      [
        {
          name: "v",
          kind: {
            case: "video",
            value: {
              choices: [{ label: "x", media: { case: "image", value: source }, trim: { last: { seconds: 1n } } }],
            },
          },
        },
      ],
      {},
      { block: "v", choice: "x", field: "blocks[0].video.choices[0].trim" },
    ],
    [
      "a source without bytes",
      [video("hook"), { name: "m", kind: { case: "audio", value: { choices: [{ source: { name: "guitar.mp3" } }] } } }],
      {},
      { block: "m", choice: "guitar", field: "blocks[1].audio.choices[0].source" },
    ],
  ])("tells of %s", (_, blocks, rest, failure) => {
    expect(check(blocks, rest)).toMatchObject([failure]);
  });

  it.each<[string, BlockInit[], MessageInitShape<typeof BatchSchema>, object]>([
    [
      "a canvas besides canvases",
      [video("hook")],
      { canvas: { width: 720 }, canvases: [{ width: 1080 }] },
      { field: "canvas", reason: "The batch has both a canvas and several canvases." },
    ],
    [
      "canvases that go by the same label",
      [video("hook")],
      { canvases: [{}, { frameRate: 25 }] },
      { field: "canvases[1].label", reason: 'Two canvases go by "1080x1920": canvases[0] and canvases[1].' },
    ],
    ["a block called canvas", [video("canvas")], {}, { block: "canvas", field: "blocks[0].name" }],
    [
      "captions of a voice that does not exist",
      [video("hook"), voice("speaker", "hook"), captions("words", "speeker")],
      {},
      {
        block: "words",
        choice: "one",
        field: "blocks[2].text.choices[0].captions",
        reason: 'The captions follow "speeker", and there is no block of that name.',
        remedy: 'Did you mean "speaker"? The voice block is "speaker".',
      },
    ],
    [
      "captions of a block that is no voice",
      [video("hook"), captions("words", "hook")],
      {},
      {
        reason: 'The captions follow "hook", which is no voice block.',
        remedy: "Add the voice block, or write a text instead.",
      },
    ],
    [
      "captions and a text in one choice",
      [video("hook"), voice("speaker", "hook"), captions("words", "speaker", "Hi")],
      {},
      { field: "blocks[2].text.choices[0].captions", reason: "The choice has both a text and captions." },
    ],
    [
      "a font family and a font file",
      [
        video("hook"),
        {
          name: "t",
          kind: { case: "text", value: { font: "Lato", fontFile: source, choices: [{ text: "Hi" }] } },
        },
      ],
      {},
      { block: "t", field: "blocks[1].text.font" },
    ],
    [
      "a font file without bytes",
      [
        video("hook"),
        { name: "t", kind: { case: "text", value: { fontFile: { name: "a.ttf" }, choices: [{ text: "Hi" }] } } },
      ],
      {},
      { block: "t", field: "blocks[1].text.fontFile" },
    ],
    [
      "a sound effect at a block that does not exist",
      [video("hook"), { name: "ding", kind: { case: "audio", value: { at: "hok", choices: [{ source }] } } }],
      {},
      {
        block: "ding",
        field: "blocks[1].audio.at",
        reason: 'Audio block "ding" starts at "hok", and there is no block of that name.',
        remedy: 'Did you mean "hook"? The video block is "hook".',
      },
    ],
    [
      "a delay after no block",
      [
        video("hook"),
        { name: "ding", kind: { case: "audio", value: { delay: { seconds: 1n }, choices: [{ source }] } } },
      ],
      {},
      { block: "ding", field: "blocks[1].audio.delay" },
    ],
    [
      "a zoom over footage",
      [
        {
          name: "v",
          kind: {
            case: "video",
            value: { choices: [{ label: "x", media: { case: "source", value: source }, zoom: Zoom.IN }] },
          },
        },
      ],
      {},
      { block: "v", choice: "x", field: "blocks[0].video.choices[0].zoom" },
    ],
    [
      "unequal links",
      [
        { ...video("hook", ["a", "b"]), link: "language" },
        { ...text("headline", []), link: "language" },
      ],
      {},
      { block: "headline", field: "blocks[1].link" },
    ],
    [
      "a rule about a block that does not exist",
      [video("hook", ["a", "b"])],
      { where: ["hook == 'a'", "hok == 'a'"] },
      { field: "where[1]", reason: expect.stringContaining("at character 1.") },
    ],
    [
      "a file name with metadata that no choice has",
      [video("hook")],
      { naming: "{hook.lang}" },
      { field: "naming", reason: expect.stringContaining("there is no metadata of that name") },
    ],
  ])("tells of %s", (_, blocks, rest, failure) => {
    expect(check(blocks, rest)).toMatchObject([failure]);
  });

  it("takes everything that can be said at once", () => {
    const empty = { label: "none" };
    const footage = { label: "a", media: { case: "source" as const, value: source }, metadata: { lang: "en" } };
    const blocks: BlockInit[] = [
      { name: "hook", link: "l", kind: { case: "video", value: { choices: [footage, empty], transition: {} } } },
      { ...video("body", ["x", "y"]), link: "l" },
      voice("speaker", "body"),
      captions("words", "speaker"),
      { name: "ding", kind: { case: "audio", value: { at: "hook", delay: { seconds: 1n }, choices: [{ source }] } } },
    ];
    const rest = {
      canvases: [{ label: "tall" }, { label: "square", height: 1080 }],
      where: ["canvas == 'tall' || meta.hook.lang == 'en'"],
      sample: { count: 3n },
      naming: "{canvas}_{hook}_{hook.lang}_{id}",
    };
    expect(check(blocks, rest)).toEqual([]);
  });

  it("tells of everything at once, in the batch's order", () => {
    const blocks = [video("hook"), text("headline", ["hok"], ["Hi", "Hi"]), voice("speaker", "nowhere"), video("hook")];
    expect(check(blocks, { naming: "{x}" }).map((failure) => failure.field)).toEqual([
      "blocks[1].text.over[0]",
      "blocks[1].text.choices[1].label",
      "blocks[2].voice.at",
      "blocks[3].name",
      "naming",
    ]);
  });

  it("cuts long texts in its messages", () => {
    const long = "x".repeat(2000);
    const [failure] = check([video("hook"), text("headline", [], [long, long])]);
    expect(failure?.reason.length).toBeLessThan(200);
  });
});
