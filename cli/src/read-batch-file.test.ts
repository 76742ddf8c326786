import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { BatchSchema, Platform } from "@polyreel/contract";
import { parseBatchFile } from "@polyreel/spec/batch-file";
import { describe, expect, it } from "vitest";
import { ProblemsError } from "./problem.js";
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

  it.each(["HTTP://a.example/b.mp4", "Https://a.example/b.mp4", "s3://footage/b c.mp4", "S3://footage/b.mp4"])(
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

  it("reads one field in several forms, and locates each by its name in the file", () => {
    const { batch, locate } = batchOf(
      "blocks:\n  - {name: a, text: {safeArea: 0.1}}\n  - {name: b, text: {safeArea: {top: 0.7}}}\n  - {name: c, text: {safeArea: Tiktok}}\n",
    );
    const areas = batch.blocks.map(({ kind }) =>
      kind.case === "text" ? [kind.value.safeArea, kind.value.safeAreaSides?.top, kind.value.safeAreaPlatform] : [],
    );
    expect(areas).toEqual([
      [0.1, undefined, Platform.UNSPECIFIED],
      [undefined, 0.7, Platform.UNSPECIFIED],
      [undefined, undefined, Platform.TIKTOK],
    ]);
    expect(locate({ field: "blocks[1].text.safe_area_sides.top" })).toMatchObject({ line: 3, column: 33 });
    expect(locate({ field: "blocks[2].text.safeAreaPlatform" })).toMatchObject({ line: 4, column: 22 });
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
