import type { JsonObject } from "@bufbuild/protobuf";
import type { Probe } from "@polyreel/media/probe";
import { PolyreelError } from "@polyreel/platform";
import { expect, it } from "vitest";
import { needsInOrder } from "./blueprint.js";
import { needKey } from "./needs.js";
import { isRecorded, type RecordedNeed, recordingPart } from "./recording-part.js";
import type { SourceNeed } from "./source-needs.js";
import { blueprint, speaker } from "./testing/world.js";

const stored = (letter: string, name: string) => ({ name, sha256: letter.repeat(64) });
const url = { url: "https://media.example/vo.wav?key=secret" };
const source = stored("a", "vo.wav");
const words = stored("b", "vo.srt");

const needsOf = (choice: JsonObject) => needsInOrder(blueprint([speaker({ choices: [choice] })]));

function lineOf(choice: JsonObject): RecordedNeed {
  const [line] = needsOf(choice);
  return line?.kind === "voice" && isRecorded(line) ? line : expect.fail("There is no recorded line.");
}

const audio = { codec: "pcm", channels: 1, sampleRate: 48_000, startSeconds: 0, durationSeconds: 10 };
const known = (probe: object = { audio }) => ({
  source: (need: SourceNeed) =>
    need.use === "media" ? { sha256: "c".repeat(64), probe: probe as Probe } : { sha256: "d".repeat(64) },
});
const part = (choice: JsonObject, probe?: object, transcriber = "") =>
  recordingPart(lineOf(choice), known(probe), transcriber);

it("needs its line first, then its sources", () => {
  const needs = needsOf({ source, words, next: [{ text: "Hi" }, { source: url }] });
  const keys = needs.map((need) => needKey(need).replace(/:.*/, ""));
  expect(keys).toEqual(["voice", "voice", "voice", "media", "text", "media"]);
});

it("is another line with another source, text, words, track or stretch", () => {
  const choices: JsonObject[] = [
    { source },
    { source: url },
    { source, text: "Hi" },
    { source, words },
    { source, track: 1 },
    { source, trim: { start: "1s" } },
    { source, trim: { last: "1s" } },
  ];
  expect(new Set(choices.map((choice) => lineOf(choice).line)).size).toBe(choices.length);
  expect(lineOf({ source, text: " Hi " }).line).toBe(lineOf({ source, text: "Hi" }).line);
});

it.each([
  [{}, 0, 0, 10],
  [{ start: "2.5s" }, 120_000, 0, 7.5],
  [{ start: "1s", duration: "2s" }, 48_000, 96_000, 2],
  [{ last: "4s" }, 288_000, 0, 4],
  [{ last: "20s" }, 0, 0, 10],
])("has the stretch of trim %j", (trim, start, samples, length) => {
  const { recipe, seconds: found } = part({ source, trim, track: 1 });
  expect(recipe.recording).toMatchObject({
    ...{ sourceSha256: "c".repeat(64), track: 1, wordsSha256: "" },
    ...{ start: BigInt(start), samples: BigInt(samples) },
  });
  expect(found).toBe(length);
});

it("names the transcriber only where no file has the words", () => {
  expect(part({ source }, undefined, "studio 1").recipe.recording?.transcriber).toBe("studio 1");
  expect(part({ source, words }, undefined, "studio 1").recipe.recording).toMatchObject({
    ...{ transcriber: "", wordsSha256: "d".repeat(64) },
  });
  expect(part({ source }, undefined, "studio 1").hash).not.toBe(part({ source }).hash);
});

it.each([
  [{ source, trim: { start: "10s" } }, undefined, "The trim starts at 10.00 s, but the recording is only 10.00 s"],
  [{ source, trim: { start: "5s", duration: "6s" } }, undefined, "asks for 6.00 s from 5.00 s on"],
  [{ source }, { audio: { ...audio, durationSeconds: 3601 } }, "a voice can speak for an hour at most"],
  [{ source }, {}, "The file has no sound."],
  [{ source, track: 2 }, undefined, "no sound track 2"],
] as [JsonObject, object | undefined, string][])(
  "refuses %j before any work, naming the file",
  (choice, probe, reason) => {
    const refuse = () => part({ label: "ann", ...choice }, probe);
    expect(refuse).toThrow(PolyreelError);
    expect(refuse).toThrow(/^"vo.wav": /);
    expect(refuse).toThrow(reason);
  },
);
