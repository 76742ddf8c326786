import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { parseBatchFile } from "@polyreel/spec/batch-file";
import { describe, expect, it } from "vitest";
import { formatWhere, ProblemsError } from "./problem.js";
import { readBatchFile } from "./read-batch-file.js";

const whole = `name: spring-sale
canvas: {width: 720, height: 1280, frameRate: 29.97, fit: cover}
blocks:
  - name: hook
    video:
      sound: Muted
      choices:
        - {label: friday, source: media/friday.mp4, trim: {start: 500ms, duration: 1m30s}}
        - {source: media/flower.mp4, trim: {last: 2}}
        - {image: leopard.jpg, duration: 2s}
  - name: headline
    text: {over: [hook], position: POSITION_TOP, max_width: 0.8, maxWidth: , choices: [{text: "Half price"}, {text: ""}]}
  - name: speaker
    voice: {at: hook, offset: 0.5s, overrun: extend, choices: [{label: slt, text: Hello there, voice: slt}]}
  - name: music
    audio: {gain_db: -14, duck: true, loop: true, choices: [{source: guitar.mp3}, {label: silence}]}
outputs: [{container: MP4, destination: {folder: {path: .}}}]
naming: "{hook}_{headline}"
`;

const batchOf = (text: string) => {
  const { batchFile, problems } = parseBatchFile("batch.yaml", text);
  expect(problems).toEqual([]);
  if (!batchFile) throw new Error("no batch");
  return batchFile;
};

/** All problems of a text, each as `line:column field what -> remedy`. */
const problemsOf = (text: string): string[] =>
  parseBatchFile("batch.yaml", text).problems.map(
    ({ what, where, remedy }) =>
      `${where?.line}:${where?.column} ${where?.field ?? "-"}: ${what}${remedy ? ` -> ${remedy}` : ""}`,
  );

describe("a batch file", () => {
  it("is read the same in every way of writing it", () => {
    const { batch, sources } = batchOf(whole);
    expect(toJson(BatchSchema, batch)).toEqual({
      name: "spring-sale",
      canvas: { width: 720, height: 1280, frameRate: 29.97, fit: "FIT_COVER" },
      blocks: [
        {
          name: "hook",
          video: {
            sound: "SOUND_MUTED",
            choices: [
              { label: "friday", source: { name: "media/friday.mp4" }, trim: { start: "0.500s", duration: "90s" } },
              { source: { name: "media/flower.mp4" }, trim: { last: "2s" } },
              { image: { name: "leopard.jpg" }, duration: "2s" },
            ],
          },
        },
        {
          name: "headline",
          text: { over: ["hook"], position: "POSITION_TOP", maxWidth: 0.8, choices: [{ text: "Half price" }, {}] },
        },
        {
          name: "speaker",
          voice: {
            at: "hook",
            offset: "0.500s",
            overrun: "OVERRUN_EXTEND",
            choices: [{ label: "slt", text: "Hello there", voice: "slt" }],
          },
        },
        {
          name: "music",
          audio: {
            gainDb: -14,
            duck: true,
            loop: true,
            choices: [{ source: { name: "guitar.mp3" } }, { label: "silence" }],
          },
        },
      ],
      outputs: [{ container: "CONTAINER_MP4", destination: { folder: { path: "." } } }],
      naming: "{hook}_{headline}",
    });
    expect(sources.map(({ path }) => path)).toEqual([
      "media/friday.mp4",
      "media/flower.mp4",
      "leopard.jpg",
      "guitar.mp3",
    ]);
  });

  it("keeps URLs, to be fetched where the batch is made", () => {
    const { batch, sources } = batchOf(
      "blocks: [{name: v, video: {choices: [{source: 'https://a.example/b.mp4?k=1'}, {image: 'http://a.example/c.png'}, {source: https.mp4}]}}]",
    );
    const { kind } = batch.blocks[0] ?? {};
    const choices = kind?.case === "video" ? kind.value.choices : [];
    expect(choices.slice(0, 2).map(({ media }) => media)).toMatchObject([
      { case: "source", value: { name: "", location: { case: "url", value: "https://a.example/b.mp4?k=1" } } },
      { case: "image", value: { name: "", location: { case: "url", value: "http://a.example/c.png" } } },
    ]);
    expect(sources.map(({ path }) => path)).toEqual(["https.mp4"]);
  });

  it.each(["HTTP://a.example/b.mp4", "Https://a.example/b.mp4"])(
    "accepts the scheme of %s in either case",
    (address) => {
      const { batch, sources } = batchOf(`blocks: [{name: v, video: {choices: [{source: "${address}"}]}}]`);
      const { kind } = batch.blocks[0] ?? {};
      const media = kind?.case === "video" ? kind.value.choices[0]?.media : undefined;
      expect(media?.value).toMatchObject({ location: { case: "url", value: address } });
      expect(sources).toEqual([]);
    },
  );

  it("exposes the very messages that are in the batch, so that they can be filled in", () => {
    const { batch, sources } = batchOf(whole);
    for (const { message } of sources) message.location = { case: "unreadable", value: "gone" };
    expect(JSON.stringify(toJson(BatchSchema, batch)).match(/gone/g)).toHaveLength(4);
  });

  it("may be JSON, start with a byte order mark, and use anchors", () => {
    expect(
      batchOf('\uFEFF{"name": "a", "blocks": [{"name": "x", "text": {"choices": [{"text": "t"}]}}]}').batch.name,
    ).toBe("a");
    const { batch } = batchOf("blocks:\n  - {name: a, text: &t {choices: [{text: x}]}}\n  - {name: b, text: *t}\n");
    expect(batch.blocks.map(({ kind }) => kind.case === "text" && kind.value.choices[0]?.text)).toEqual(["x", "x"]);
  });

  it.each([
    ["unknown at the top", "nmae: x\n", ['1:1 nmae: Unknown field "nmae". -> Did you mean "name"?']],
    [
      "unknown, far from all names",
      "canvas: {xyzzy: 1}\n",
      [
        '1:10 canvas.xyzzy: Unknown field "xyzzy". -> Fields here: width, height, frameRate, fit, background, backgroundPicture, label.',
      ],
    ],
    [
      "unknown, deep",
      "blocks:\n  - name: hook\n    video:\n      choices:\n        - label: a\n          trim: {durration: 3s}\n",
      ['6:18 blocks[0].video.choices[0].trim.durration: Unknown field "durration". -> Did you mean "duration"?'],
    ],
    [
      "a number for a text",
      "name: 2024\n",
      ['1:7 name: "name" must be a text, not the number 2024. -> Put quotes around it: "2024".'],
    ],
    [
      "a text for a number",
      "canvas: {width: wide}\n",
      ['1:17 canvas.width: "width" must be a whole number, 0 or more, not the text "wide".'],
    ],
    [
      "a negative size",
      "canvas: {width: -2}\n",
      ['1:17 canvas.width: "width" must be a whole number, 0 or more, not the number -2.'],
    ],
    [
      "a fraction of a pixel",
      "canvas: {width: 0.5}\n",
      ['1:17 canvas.width: "width" must be a whole number, 0 or more, not the number 0.5.'],
    ],
    [
      "no number at all",
      "canvas: {frameRate: .nan}\n",
      ['1:21 canvas.frame_rate: "frameRate" must be a number, not the number .nan.'],
    ],
    [
      "a boolean as YAML 1.1 had it",
      "blocks: [{name: m, audio: {duck: yes, choices: []}}]\n",
      ['1:34 blocks[0].audio.duck: "duck" must be true or false, not the text "yes".'],
    ],
    [
      "fields for a list",
      "blocks: {name: x}\n",
      [
        '1:9 blocks: "blocks" must be a list, not fields with values. -> Write a list: each entry on a line of its own with a dash, or all in square brackets.',
      ],
    ],
    ["a list for fields", "canvas: [1]\n", ['1:9 canvas: "canvas" must be fields with values, not a list.']],
    ["a text for the file", "hello\n", ['1:1 : A batch file must be fields with values, not the text "hello".']],
    [
      "an empty entry",
      "blocks:\n  -\n  - {name: a}\n",
      ['2:4 blocks[0]: Entry 1 of "blocks" is empty. -> Remove its dash, or fill it.'],
    ],
    [
      "a wrong enum",
      "canvas: {fit: covr}\n",
      ['1:15 canvas.fit: "fit" can\'t be the text "covr". -> Did you mean "cover"?'],
    ],
    [
      "an unknown enum",
      "canvas: {fit: stretch}\n",
      ['1:15 canvas.fit: "fit" can\'t be the text "stretch". -> Write cover, contain or blur.'],
    ],
    [
      "a wrong duration",
      "blocks: [{name: v, voice: {offset: soon}}]\n",
      [
        '1:36 blocks[0].voice.offset: "offset" can\'t be the text "soon". -> Write a duration such as "3s", "500ms" or "1m30s", or a number of seconds.',
      ],
    ],
    [
      "two kinds in one block",
      "blocks: [{name: v, video: {}, text: {}}]\n",
      ['1:31 blocks[0].text: "text" and "video" can\'t stand together. -> Keep one of them.'],
    ],
    [
      "one field in two spellings",
      "canvas: {frameRate: 25, frame_rate: 30}\n",
      ['1:25 canvas.frame_rate: "frameRate" is written twice. -> Keep one of them.'],
    ],
    [
      "a source that is no path",
      "blocks: [{name: v, video: {choices: [{source: 7}]}}]\n",
      ['1:47 blocks[0].video.choices[0].source: "source" must be the path of a file or a URL, not the number 7.'],
    ],
    [
      "a key twice",
      "name: a\nname: b\n",
      [
        "2:1 -: This is not valid YAML: map keys must be unique. -> Name each field once; several choices or blocks are a list, each entry with a dash.",
      ],
    ],
    [
      "an alias of nothing",
      "name: *x\n",
      ['1:7 name: Nothing before this place has the anchor "&x". -> Set it with "&x" first.'],
    ],
    [
      "nothing",
      "# only a comment\n",
      ["undefined:undefined -: The batch file is empty. -> Write one with `polyreel init`."],
    ],
  ])("refuses %s, with its position", (_what, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it("reports all problems at once, with block and choice", () => {
    const text = `name: 7
blocks:
  - name: hook
    video: {choices: [{label: one, source: a.mp4, durration: 3s}, {source: b.mp4, duration: soon}]}
  - name: title
    text: {position: topp}
`;
    const { problems } = parseBatchFile("b.yaml", text);
    expect(problems.map(({ where }) => formatWhere(where ?? {}))).toEqual([
      "b.yaml:1:7  name",
      'b.yaml:4:51  blocks[0].video.choices[0].durration  (block "hook", choice "one")',
      'b.yaml:4:93  blocks[0].video.choices[1].duration  (block "hook", choice "b.mp4")',
      'b.yaml:6:22  blocks[1].text.position  (block "title")',
    ]);
  });

  it("names inputs by their labels", () => {
    const text = `inputs:
  - {source: talk.mov, labl: x}
  - {source: 'https://example.org/b.mp4?key=1', label: keynote, track: first}
`;
    const { problems } = parseBatchFile("b.yaml", text);
    expect(problems.map(({ where }) => formatWhere(where ?? {}))).toEqual([
      'b.yaml:2:24  inputs[0].labl  (input "talk.mov")',
      'b.yaml:3:72  inputs[1].track  (input "keynote")',
    ]);
    expect(problemsOf("blocks: [{name: v, input: {choices: []}}]").join()).toContain('Unknown field "input".');
  });

  it("refuses exponentially expanding aliases quickly", () => {
    const choices = `[${Array(300).fill("{text: x}").join(", ")}]`;
    const blocks = Array.from({ length: 1000 }, (_, index) => `  - {name: b${index}, text: *t}`).join("\n");
    const text = `blocks:\n  - {name: a, text: &t {choices: ${choices}}}\n${blocks}\n`;
    const before = process.cpuUsage();
    expect(problemsOf(text).join()).toContain("The aliases of this file stand for too many values.");
    const { user, system } = process.cpuUsage(before); // CPU time, not wall time, which other processes affect.
    expect((user + system) / 1e6).toBeLessThan(5);
    expect(problemsOf("blocks: &b\n  - name: x\n    text: {choices: *b}\n")).not.toEqual([]);
  });

  it("locates fields, blocks and choices", () => {
    const { locate } = batchOf(whole);
    expect(locate({ field: "blocks[0].video.choices[1].trim.last" })).toEqual({
      file: "batch.yaml",
      line: 9,
      column: 45,
    });
    expect(locate({ field: "blocks[1].text.max_width" })).toMatchObject({ line: 12 });
    expect(locate({ field: "canvas.frame_rate" })).toEqual({ file: "batch.yaml", line: 2, column: 36 });
    expect(locate({ field: "blocks[0].video.choices[2].label" })).toMatchObject({ line: 10, column: 11 });
    expect(locate({ block: "hook", choice: "flower" })).toMatchObject({ line: 9 });
    expect(locate({ block: "headline", choice: "Half price" })).toMatchObject({ line: 12 });
    expect(locate({ block: "music", choice: "" })).toMatchObject({ line: 15 });
    expect(locate({ block: "hook", choice: "friday", field: "trim.start" })).toMatchObject({ line: 8, column: 60 });
    expect(locate({ block: "hook", choice: "friday", field: "duration" })).toMatchObject({ line: 8, column: 11 });
    expect(locate({ field: "where[0]", block: "hook" })).toEqual({ file: "batch.yaml", line: 1, column: 1 });
    expect(locate({ block: "nowhere" })).toEqual({ file: "batch.yaml" });
    const inputs = batchOf("inputs:\n  - {source: talk.mov}\n  - {source: b.mp4, label: keynote}\n");
    expect(inputs.locate({ block: "input", choice: "talk" })).toMatchObject({ line: 2 });
    expect(inputs.locate({ block: "input", choice: "keynote" })).toMatchObject({ line: 3 });
    expect(inputs.locate({ field: "inputs[1].label", block: "input", choice: "keynote" })).toMatchObject({
      ...{ line: 3, column: 21 },
    });
    expect(inputs.batch.inputs).toMatchObject([{ source: { name: "talk.mov" } }, { label: "keynote" }]);
    expect(inputs.sources.map(({ path }) => path)).toEqual(["talk.mov", "b.mp4"]);
  });

  it("names an unreadable file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-batch-file-"));
    try {
      const binary = join(folder, "binary.yaml");
      await writeFile(binary, Buffer.from([0xff, 0xfe, 0x00]));
      const cases: [string, string][] = [
        [join(folder, "gone.yaml"), "The batch file does not exist."],
        [folder, "This is a folder, not a batch file."],
        [binary, "The batch file is not text in UTF-8."],
      ];
      for (const [path, what] of cases) {
        const error = await readBatchFile(path).catch((cause: unknown) => cause);
        expect(error).toBeInstanceOf(ProblemsError);
        expect((error as ProblemsError).problems).toMatchObject([{ what, where: { file: path } }]);
        expect((error as ProblemsError).exitCode).toBe(2);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
