import { Overrun, Position, Sound } from "@polyreel/contract";
import { NEEDS_RECOGNISER, REAL_MEDIA, recogniseSpeech, wordErrorRate, words } from "@polyreel/media/testing";
import type { PartStore } from "@polyreel/parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { audio, bed, footage, text, video, voice } from "../testing/blocks.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { partsOf } from "../testing/parts.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type RenderedBatch, render } from "../testing/render.js";
import { checkOutput } from "./check-output.js";
import { putRealMedia } from "./real-footage.js";

/** 33 words. */
const TEXT =
  "People from all over the country came to the city last year to see the new museum. Many of them said that it was the " +
  "best day of their whole life in years.";

describe("a voice over a ducked bed, in a delivered video", () => {
  let pipeline: Pipeline;
  let parts: PartStore;
  let batch: RenderedBatch;
  const voices = ["rms", "slt"];
  const beds = REAL_MEDIA ? ["chord", "guitar"] : ["chord"];
  beforeAll(async () => {
    pipeline = await startPipeline();
    parts = await partsOf(pipeline);
    const short = await put(pipeline, await makeFootage(pipeline.folder, "short.mp4", { seconds: 1 }));
    const chord = await put(pipeline, await makeBed(pipeline.folder, "chord.wav"));
    const guitar = REAL_MEDIA ? [(await putRealMedia(pipeline)).bed("guitar")] : [];
    batch = await render(pipeline, {
      canvas: { width: 180, height: 320 },
      blocks: [
        video("hook", { sound: Sound.MUTED, choices: [footage("short", short)] }),
        text("headline", { position: Position.CENTER, choices: [{ text: "A letter" }] }),
        voice("speaker", {
          offset: { seconds: 0n, nanos: 500_000_000 },
          overrun: Overrun.EXTEND,
          choices: voices.map((name) => ({ label: name, text: TEXT, voice: name })),
        }),
        audio("music", { gainDb: -14, duck: true, loop: true, choices: [bed("chord", chord), ...guitar] }),
      ],
    });
  });
  afterAll(() => pipeline?.close());

  const cases = voices.flatMap((name) => beds.map((music) => [name, music] as const));
  test.each(cases)("%s over %s is intelligible", NEEDS_RECOGNISER, async (name, music) => {
    expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
    const output = batch.outputs.find(({ choices }) => choices.speaker === name && choices.music === music);
    if (!output) throw new Error("It was not delivered.");
    // The second of footage is held until the voice has ended.
    expect(output.clips.map(({ recipe }) => recipe.frames)).toEqual([30]);
    expect(output.certificate.videoSeconds).toBeGreaterThan(8);
    const mix = (await checkOutput(output, parts)) as Float32Array;
    expect(wordErrorRate(words(TEXT), await recogniseSpeech(mix))).toBeLessThanOrEqual(0.2);
  });
});
