import { joinOf, Overrun } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { labels, runBatch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type BadChoices, expectVerdict } from "./input-verdict.js";

let pipeline: Pipeline;
let hook: ReturnType<typeof video>;
beforeAll(async () => {
  pipeline = await startPipeline();
  const path = await makeFootage(pipeline.folder, "hook.mp4", { seconds: 2 });
  hook = video("hook", { choices: [footage("hook", await put(pipeline, path))] });
});
afterAll(() => pipeline?.close());

const LONG = "This line is far longer than the picture that it is spoken over.";

const BAD: BadChoices = {
  speaker: {
    nobody: /^The voice "nobody" is not installed/,
    mistyped: /^The voice "rmz" is not installed/,
    signs: /^This text has nothing to speak/,
    bell: /^This text has a control character, U\+0007/,
    markup: /^This text has markup for speech, "<break time=\\"1s\\"\/>"/,
    foreign: /^The voice "rms" \(en-US\) cannot read "Добрый день"/,
    kanji: /^The voice "ja" \(ja\) cannot read "今日"/,
    long: /^The voice speaks for [\d.]+ s from 0\.25 s on, [\d.]+ s longer than the picture, which ends at 2\.00 s/,
  },
};

it("delivers the lines that can be spoken, and reports the reason for each other one", async () => {
  const speaker = voice("speaker", {
    offset: { nanos: 250_000_000 },
    choices: [
      { label: "short", text: "Yes" },
      { label: "nothing", text: "" },
      { label: "nobody", text: "Yes", voice: "nobody" },
      { label: "mistyped", text: "Yes", voice: "rmz" },
      { label: "signs", text: "?!" },
      { label: "bell", text: "Yes\u0007" },
      { label: "markup", text: 'Yes <break time="1s"/> no' },
      { label: "foreign", text: "Добрый день", voice: "rms" },
      { label: "kanji", text: "今日は", voice: "ja" },
      { label: "long", text: LONG },
    ],
  });
  const ended = await runBatch(pipeline, { blocks: [hook, speaker] });
  await expectVerdict(pipeline, ended, BAD);
  expect(ended.status.voices).toMatchObject({ distinct: 9n, made: 2n, failed: 7n });
  const [mistyped] = ended.combinations.filter((one) => labels(one) === "hook/mistyped");
  expect(mistyped?.failure?.remedy).toMatch(/^Did you mean rms/);
  const [foreign] = ended.combinations.filter((one) => labels(one) === "hook/foreign");
  expect(foreign?.failure?.remedy).toMatch(/^Choose a voice that can: ru\b/);
});

it("trims or extends if a voice may outlast the picture", async () => {
  const choices = [{ label: "nothing" }, { label: "long", text: LONG }];
  const blocks = [
    hook,
    voice("trimmed", { overrun: Overrun.TRIM, choices }),
    voice("extending", { overrun: Overrun.EXTEND, choices }),
  ];
  const ended = await runBatch(pipeline, { blocks });
  await expectVerdict(pipeline, ended, {});
  const frames = new Map(ended.combinations.map((one) => [labels(one), Number(joinOf(one.certificate)?.frames)]));
  expect(frames.get("hook/nothing/nothing")).toBe(60);
  expect(frames.get("hook/long/nothing")).toBe(60);
  const extended = frames.get("hook/nothing/long") ?? 0;
  expect(extended).toBeGreaterThan(90);
  expect(frames.get("hook/long/long")).toBe(extended);
  // The same line is spoken once, even across batches.
  expect(ended.status.voices).toMatchObject({ distinct: 1n, made: 0n, reused: 1n });
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
