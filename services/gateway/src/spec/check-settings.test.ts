import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BatchSchema, Sound, SubtitleFormat, type VideoChoiceSchema, Zoom } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { type BlockInit, captions, check, source, text, video, voice } from "../testing/checked-batch.js";

const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const footage = (settings: MessageInitShape<typeof VideoChoiceSchema>): BlockInit[] => {
  const choices = [{ label: "x", media: { case: "source" as const, value: source }, ...settings }];
  return [{ name: "v", kind: { case: "video", value: { choices } } }];
};

describe("checkBatch", () => {
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
    [
      "a folder among those of other tenants",
      [video("hook")],
      { outputs: [{ destination: { kind: { case: "folder", value: { path: "Tenants/acme" } } } }] },
      { field: "outputs[0].to[0].folder.path", reason: 'The folder "tenants" is that of other tenants.' },
    ],
    [
      "pruning without a name",
      [video("hook")],
      { name: "", outputs: [{ destination: { kind: { case: "folder", value: { path: "spring", prune: true } } } }] },
      { field: "outputs[0].to[0].folder.prune", remedy: "Give the batch a name, or leave prune out." },
    ],
    [
      "two outputs of one name",
      [video("hook")],
      { outputs: [{ name: "small" }, { name: "small" }] },
      {
        field: "outputs[1].name",
        reason: 'Two outputs are named "small": outputs[0] and outputs[1].',
        remedy: "Give each output a name of its own.",
      },
    ],
    [
      "an output that goes to a folder twice",
      [video("hook")],
      { outputs: [{ to: [folder("spring"), { kind: { case: "virtual", value: {} } }, folder("spring")] }] },
      { field: "outputs[0].to[2].folder", reason: "The output goes to the same folder twice." },
    ],
    [
      "an output that goes to a destination twice, by different kinds",
      [video("hook")],
      {
        outputs: [
          {
            to: [
              { kind: { case: "folder", value: { destination: "ads", path: "spring" } } },
              { kind: { case: "s3", value: { destination: "ads", bucket: "ads-eu", prefix: "spring" } } },
              { kind: { case: "s3", value: { destination: "ads", prefix: "spring" } } },
            ],
          },
        ],
      },
      { field: "outputs[0].to[2].s3", reason: "The output goes to the same folder twice." },
    ],
    [
      "a prefix among those of other tenants",
      [video("hook")],
      { outputs: [{ to: [{ kind: { case: "s3", value: { destination: "ads", prefix: "tenants/acme" } } }] }] },
      { field: "outputs[0].to[0].s3.prefix", reason: 'The folder "tenants" is that of other tenants.' },
    ],
    [
      "metadata of a reserved name",
      [video("hook")],
      { outputs: [{ to: [{ kind: { case: "s3", value: { destination: "ads", metadata: { "polyreel-a": "x" } } } }] }] },
      {
        field: "outputs[0].to[0].s3.metadata",
        reason: 'Names that begin with "polyreel-" are Polyreel\'s own: polyreel-a.',
      },
    ],
    [
      "more metadata than an object can have",
      [video("hook")],
      {
        outputs: [
          {
            to: [
              {
                kind: {
                  case: "s3",
                  value: {
                    destination: "ads",
                    metadata: { a: "x".repeat(500), b: "y".repeat(499) },
                  },
                },
              },
            ],
          },
        ],
      },
      {
        field: "outputs[0].to[0].s3.metadata",
        reason: "The metadata of the objects has 1001 bytes; 1000 are allowed.",
      },
    ],
    [
      "more deliveries than have a number",
      [video("hook")],
      { outputs: Array.from({ length: 13 }, () => ({ to: ["a", "b", "c", "d", "e"].map(folder) })) },
      { field: "outputs", reason: "The outputs have 65 destinations in all; 64 are possible." },
    ],
    [
      "subtitles of a batch without speech",
      [video("hook"), { name: "speaker", kind: { case: "voice", value: { choices: [{ label: "none", text: " " }] } } }],
      { outputs: [{}, { operation: { case: "subtitles", value: {} } }] },
      {
        field: "outputs[1].subtitles",
        reason: 'Output "subtitles" would be empty: no voice block of the batch has a text.',
        remedy: "Add a voice block, or leave the output out.",
      },
    ],
    [
      "more subtitles than a combination can have",
      [
        video("hook"),
        {
          name: "speaker",
          kind: {
            case: "voice",
            value: {
              choices: [
                { label: "short", text: "Hi" },
                { label: "long", text: "a".repeat(5000), next: Array(10).fill({ text: "b".repeat(5000) }) },
              ],
            },
          },
        },
      ],
      {
        outputs: [
          {},
          { operation: { case: "subtitles", value: {} } },
          { operation: { case: "subtitles", value: { format: SubtitleFormat.VTT } } },
        ],
      },
      {
        field: "outputs[1].subtitles",
        reason:
          "A combination has up to 110000 bytes of subtitles, in 2 outputs with them; 100000 are possible in all.",
      },
    ],
    [
      "the sound of a batch that is silent",
      [
        {
          name: "hook",
          kind: {
            case: "video",
            value: {
              sound: Sound.MUTED,
              choices: [
                { media: { case: "source", value: source } },
                { label: "b", media: { case: "image", value: source } },
              ],
            },
          },
        },
        { name: "music", kind: { case: "audio", value: { choices: [{ label: "none" }] } } },
      ],
      { outputs: [{ name: "podcast", operation: { case: "audio", value: {} } }] },
      {
        field: "outputs[0].audio",
        reason:
          'Output "podcast" would be empty: all videos are muted or stills, and no voice or audio block is heard.',
        remedy: "Keep the sound of a video, add a voice or an audio block, or leave the output out.",
      },
    ],
    [
      "a thumbnail that would be too high on one of the canvases",
      [video("hook")],
      {
        canvases: [{ width: 1080 }, { width: 16, height: 4096 }],
        outputs: [{ operation: { case: "thumbnail", value: { width: 720 } } }],
      },
      { field: "outputs[0].thumbnail.width", remedy: "Use a width of at most 32." },
    ],
    [
      "a contact sheet that would be too large",
      [video("hook")],
      { outputs: [{}, { operation: { case: "contactSheet", value: { columns: 20, rows: 20, width: 1024 } } }] },
      { field: "outputs[1].contactSheet.width", remedy: "Make its frames less wide, or take fewer of them." },
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
      footage({ zoom: Zoom.IN }),
      {},
      { block: "v", choice: "x", field: "blocks[0].video.choices[0].zoom" },
    ],
    [
      "a scale of footage",
      footage({ scale: 0.5 }),
      {},
      { block: "v", choice: "x", field: "blocks[0].video.choices[0].scale" },
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
      { field: "naming", reason: expect.stringContaining("there is no metadata of block") },
    ],
  ])("reports %s", (_, blocks, rest, failure) => {
    expect(check(blocks, rest)).toMatchObject([failure]);
  });

  it("accepts all settings at once", () => {
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
});
