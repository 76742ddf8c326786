import { parseBatchFile } from "@polyreel/spec/batch-file";
import { describe, expect, it } from "vitest";
import { formatWhere } from "./problem.js";

/** All problems of a text, each as `line:column field what -> remedy`. */
const problemsOf = (text: string): string[] =>
  parseBatchFile("batch.yaml", text).problems.map(
    ({ what, where, remedy }) =>
      `${where?.line}:${where?.column} ${where?.field ?? "-"}: ${what}${remedy ? ` -> ${remedy}` : ""}`,
  );

describe("a batch file with problems", () => {
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
      ['1:21 canvas.frameRate: "frameRate" must be a number, not the number .nan.'],
    ],
    [
      "an unknown platform",
      "blocks: [{name: t, text: {safeArea: tiktak, choices: []}}]\n",
      ['1:37 blocks[0].text.safeArea: "safeArea" can\'t be the text "tiktak". -> Did you mean "tiktok"?'],
    ],
    [
      "a side that is none, by an alias",
      "blocks: [{name: t, text: {safeArea: &a {tap: 0.1}, choices: []}}, {name: u, text: {safeArea: *a, choices: []}}]\n",
      [
        '1:41 blocks[0].text.safeArea.tap: Unknown field "tap". -> Did you mean "top"?',
        '1:41 blocks[1].text.safeArea.tap: Unknown field "tap". -> Did you mean "top"?',
      ],
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

  it.each([
    [
      "blocks:\n  - name: t\n    text:\n      color: #ff0000\n      size: 0.1\n",
      '4:7 blocks[0].text.color: "color" is empty. -> Put quotes around the colour: "#ff0000". After a space, # begins a comment.',
    ],
    ["canvas: {background: #00ff00, width: 720}\nname: x\n", /^1:22 -: .* -> Put quotes around the colour\. After/],
    [
      "blocks:\n  - name: t\n    text:\n      choices:\n        - text: Sale: half\n        - text: b\n",
      /^5:\d+ .* -> Put quotes around a text that has a colon/,
    ],
    ['name: "abc\nblocks:\n  - name: t\n', /^1:7 -: .* -> Close the text with "\.$/],
    ["blocks:\n - name: 'it's'\n - name: c\n", /^2:\d+ -: .* -> Write an apostrophe between apostrophes twice/],
    ["blocks:\n\t- name: t\n\t- name: x\n", /^2:1 -: .* -> Indent with spaces/],
    ["blocks:\n  - name: t\n   text: x\n    y: 2\n", /^3:\d+ -: .* -> Check the indentation/],
    ["name: x\n  canvas: y\nblocks: 1\n", /^1:\d+ -: .* -> Check the indentation/],
    ["canvas: {width: 720, height: 1280\nname: x\nblocks: []\n", /^2:\d+ -: .* -> Close the fields with }\.$/],
    ["name: @sale\n", /^1:7 -: .* -> Put quotes around the text\.$/],
    ["blocks:\n  -name: x\n  - name: y\n", /^2:1 -: .* -> Write a space after the dash or colon\.$/],
    ["name:x\ncanvas: {}\n", /^1:1 -: .* -> Write a space after the dash or colon\.$/],
  ])("reports the slip in %j once, with its likely cause", (text, problem) => {
    expect(problemsOf(text)).toEqual([typeof problem === "string" ? problem : expect.stringMatching(problem)]);
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
});
