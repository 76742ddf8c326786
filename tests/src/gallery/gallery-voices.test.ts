import { Overrun, Position } from "@polyreel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { still, text, video, voice } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type RenderedBatch, type RenderedOutput, render } from "../testing/render.js";
import { Sound } from "./listen.js";
import { framesOf, isColour, WHITE } from "./look.js";
import { make, plain } from "./make.js";

const SIZE = { width: 180, height: 320 };
const SENTENCE = "Everything is half price today";
/** Speech is at -16 LUFS; quieter sounds than this are no speech. */
const SPEECH_DB = -45;

let pipeline: Pipeline;
let batch: RenderedBatch;
beforeAll(async () => {
  pipeline = await startPipeline();
  const grey = await make(pipeline, "grey.png", { picture: plain("0x808080", 1) });
  batch = await render(pipeline, {
    canvas: SIZE,
    blocks: [
      video("v", { choices: [{ ...still("grey", grey), duration: durationOf(4) }] }),
      voice("speaker", {
        offset: durationOf(0.5),
        overrun: Overrun.EXTEND,
        choices: [
          { label: "plain", text: SENTENCE, voice: "rms" },
          { label: "fast", text: SENTENCE, voice: "rms", rate: 1.6 },
          {
            label: "lines",
            text: "Half price.",
            voice: "rms",
            next: [
              { text: "Today.", pause: durationOf(0.8) },
              { text: "Only here.", voice: "slt", pause: durationOf(0.5) },
            ],
          },
        ],
      }),
      text("captions", {
        position: Position.CENTER,
        choices: [{ label: "shown", captions: "speaker" }, { label: "hidden" }],
      }),
    ],
  });
  expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
});
afterAll(() => pipeline?.close());

function outputOf(speaker: string, captions: string): RenderedOutput {
  const output = batch.outputs.find(({ choices }) => choices.speaker === speaker && choices.captions === captions);
  if (!output) throw new Error("It was not delivered.");
  return output;
}

async function speech(speaker: string) {
  const sound = await Sound.of(outputOf(speaker, "hidden").path);
  return sound.stretches(SPEECH_DB, 0.35);
}

test("a faster voice finishes earlier", async () => {
  const [[plainly], [fast]] = [await speech("plain"), await speech("fast")];
  if (!plainly || !fast) throw new Error("There is no audible sound.");
  // Up to 0.2 s of a line is silence before the first word.
  expect(plainly.from).toBeGreaterThanOrEqual(0.49);
  expect(plainly.from).toBeLessThan(0.75);
  const ratio = (plainly.to - plainly.from) / (fast.to - fast.from);
  // 10 %: pauses and stops are not shortened like vowels.
  expect(Math.abs(ratio - 1.6)).toBeLessThan(0.16);
});

test("lines are spoken one after the other, with their pauses", async () => {
  const lines = await speech("lines");
  expect(lines.length).toBe(3);
  const gaps = lines.slice(1).map(({ from }, i) => from - (lines[i]?.to ?? 0));
  // A pause is at least as long as requested; lines begin and end with up to 0.4 s of their own silence.
  for (const [i, pause] of [0.8, 0.5].entries()) {
    expect(gaps[i]).toBeGreaterThan(pause - 0.02);
    expect(gaps[i]).toBeLessThan(pause + 0.5);
  }
});

test("captions appear word by word as they are spoken, and disappear", async () => {
  const frames = await framesOf(outputOf("plain", "shown").path, SIZE);
  const ink = frames.map((frame) => frame.count(isColour(WHITE, 60)));
  const [spoken] = await speech("plain");
  if (!spoken) throw new Error("There is no audible sound.");
  const first = ink.findIndex((count) => count > 0) / 30;
  const last = ink.findLastIndex((count) => count > 0) / 30;
  // The first word appears when it begins, within windows of 10 ms and frames; soft beginnings are detected later.
  expect(first).toBeGreaterThanOrEqual(0.5);
  expect(Math.abs(first - spoken.from)).toBeLessThan(0.2);
  // The last phrase stays 0.4 s after its last word.
  expect(last - spoken.to).toBeGreaterThan(0.2);
  expect(last - spoken.to).toBeLessThan(0.7);
  // One step for each of the five words while they are spoken: words are only added.
  const steps = ink.slice(1, Math.floor(spoken.to * 30)).filter((count, i) => count > (ink[i] ?? 0) + 20);
  expect(steps.length).toBe(SENTENCE.split(" ").length);
  const hidden = await framesOf(outputOf("plain", "hidden").path, SIZE);
  expect(hidden.every((frame) => frame.count(isColour(WHITE, 60)) === 0)).toBe(true);
});
