import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, BlockSchema, type VoiceChoiceSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { normalizeBatch } from "../normalize.js";
import { checkBatch } from "./check-batch.js";
import { checkRecordings } from "./check-recordings.js";

const source = { name: "vo.wav", location: { case: "sha256" as const, value: "a".repeat(64) } };

const mistakes = (choice: MessageInitShape<typeof VoiceChoiceSchema>) => {
  const kind = { case: "voice" as const, value: { choices: [{ label: "ann", ...choice }] } };
  return checkRecordings(create(BlockSchema, { name: "speaker", kind }), "blocks[1]");
};

it("accepts recordings with text, words, track and trim, and between spoken lines", () => {
  const trim = { start: { seconds: 1n } };
  expect(mistakes({ source, text: "Hi", words: source, track: 2, trim })).toEqual([]);
  expect(mistakes({ source, next: [{ text: "Hi", voice: "slt", rate: 1 }, { source }] })).toEqual([]);
  expect(mistakes({ text: "Hi", voice: "slt", rate: 1.2, next: [{ source, text: "Ho" }] })).toEqual([]);
  expect(mistakes({})).toEqual([]);
});

it.each([
  [{ source, voice: "slt" }, "voice", "voice is for a voice"],
  [{ source, rate: 1 }, "rate", "rate is for a voice"],
  [{ source, pitch: -2 }, "pitch", "pitch is for a voice"],
  [{ source, settings: {} }, "settings", "settings is for a voice"],
  [{ text: "Hi", words: source }, "words", "no recording"],
  [{ track: 1 }, "track", "no recording"],
  [{ text: "Hi", trim: {} }, "trim", "no recording"],
  [{ source, words: { name: "vo.srt" } }, "words", "no location"],
  [{ text: "Hi", next: [{}] }, "next[0].text", "neither a text nor a recording"],
  [{ text: "Hi", next: [{ source: { name: "vo.wav" } }] }, "next[0].source", "no location"],
  [{ text: "Hi", next: [{ source, voice: "slt" }] }, "next[0].voice", "voice is for a voice"],
])("refuses %j", (choice, field, reason) => {
  expect(mistakes(choice)).toMatchObject([
    {
      ...{ block: "speaker", choice: "ann", field: `blocks[1].voice.choices[0].${field}` },
      ...{ reason: expect.stringContaining(reason), remedy: expect.stringMatching(/\w/) },
    },
  ]);
});

it("counts recordings as speech: for subtitles, sound and ducking, and named by their files", () => {
  const film = {
    name: "film",
    kind: { case: "video" as const, value: { choices: [{ media: { case: "source" as const, value: source } }] } },
  };
  const choices = [
    { source, text: "Half price" },
    { label: "b", text: "Hi", next: [{ source }] },
  ];
  const batch = normalizeBatch(
    create(BatchSchema, {
      blocks: [
        film,
        { name: "speaker", kind: { case: "voice", value: { choices } } },
        { name: "music", kind: { case: "audio", value: { duck: true, choices: [{ source }] } } },
      ],
      outputs: [{ operation: { case: "subtitles", value: {} } }, { operation: { case: "audio", value: {} } }],
    }),
  );
  expect(checkBatch(batch)).toEqual([]);
  expect(normalizeBatch(batch)).toEqual(batch);
  const { kind } = batch.blocks[1] ?? {};
  if (kind?.case !== "voice") throw new Error("There is no voice block.");
  expect(kind.value.choices.map(({ label, rate, next }) => [label, rate, next[0]?.rate])).toEqual([
    ["vo", 0, undefined],
    ["b", 1, 0],
  ]);
});
