import { afterAll, beforeAll, expect, test } from "vitest";
import { make, plain, tone } from "../gallery/make.js";
import { checkOutput } from "../real-input/check-output.js";
import { manifestOf } from "../testing/batches.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { partsOf } from "../testing/parts.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { render } from "../testing/render.js";
import { batchOf } from "./batch-of.js";
import { type DrawnBatch, drawBatch, type Media } from "./draw-batch.js";
import { canBeMade, keyOf, modelOf } from "./model.js";
import { Random } from "./random.js";

const BATCHES = 8;
const SEED = 3_141;
/** Outputs per batch that are decoded and compared with their parts, frame by frame. */
const DECODED = 2;

let pipeline: Pipeline;
let media: Media;
beforeAll(async () => {
  pipeline = await startPipeline();
  const film = async (name: string, size: string, hertz: number) =>
    put(pipeline, await makeFootage(pipeline.folder, name, { seconds: 0.6, size, hertz, sound: hertz > 0 }));
  media = {
    footage: [await film("a.mp4", "64x64", 440), await film("b.mp4", "96x48", 660), await film("c.mp4", "48x96", 0)],
    stills: [await make(pipeline, "s.png", { picture: plain("orange", 1, "64x64") })],
    beds: [
      await make(pipeline, "m.wav", { sound: tone(220, 1) }),
      await make(pipeline, "n.wav", { sound: tone(330, 0.2) }),
    ],
  };
});
afterAll(() => pipeline?.close());

/** The first batch from a seed on with a reasonable amount of work. */
function drawWorthwhile(seed: number): DrawnBatch {
  for (let i = 0; ; i++) {
    const drawn = drawBatch(new Random(seed + i), media);
    const makeable = modelOf(drawn).filter(canBeMade).length;
    if (makeable >= 4 && makeable <= 30) return drawn;
  }
}

test.each(Array.from({ length: BATCHES }, (_, i) => SEED + 1000 * i))(
  "makes random batch %i completely",
  async (seed) => {
    const { sample: _, ...all } = drawWorthwhile(seed);
    const drawn = { ...all, sample: undefined };
    const model = modelOf(drawn);
    const batch = await render(pipeline, batchOf(drawn));
    expect(batch.outputs.map(({ choices }) => JSON.stringify(Object.values(choices)))).toEqual(
      model.filter(canBeMade).map(keyOf),
    );
    expect(batch.failures.map((one) => JSON.stringify(one.choices.map(({ choice }) => choice))).sort()).toEqual(
      model
        .filter((one) => !canBeMade(one))
        .map(keyOf)
        .sort(),
    );
    for (const { certificate } of batch.outputs) {
      expect(certificate.frames).toBeGreaterThan(0n);
      expect(certificate.sizeBytes).toBeGreaterThan(0n);
    }
    const parts = await partsOf(pipeline);
    for (const output of new Random(seed).shuffled(batch.outputs).slice(0, DECODED)) await checkOutput(output, parts);
    expect((await manifestOf(pipeline, batch.batchId)).length).toBe(model.length);
  },
);

test("leaves nothing behind", async () => {
  await expectNothingLeft(pipeline);
});
