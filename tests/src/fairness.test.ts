import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { OutputSchema, type WatchBatchResponse } from "@polyreel/contract";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, endOf, submit, watch } from "./testing/batches.js";
import { still, video } from "./testing/blocks.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const SIDE = 10;
/** Concurrent joins and deliveries: this many combinations may be in progress when one of the small batch arrives. */
const WORKERS = 8 + 4;
const VIRTUAL = create(OutputSchema, { virtual: true });

let pipeline: Pipeline;
let stills: string[];
beforeAll(async () => {
  pipeline = await startPipeline();
  stills = [];
  for (let i = 0; i < SIDE; i++) stills.push(await put(pipeline, await makeStill(`still-${i}.png`, i)));
});
afterAll(() => pipeline?.close());

async function makeStill(name: string, hue: number): Promise<string> {
  const file = join(pipeline.folder, name);
  const color = `0x${(0x101010 * (hue + 1)).toString(16).padStart(6, "0")}`;
  const { signal } = new AbortController();
  const limits = { signal, deadlineSeconds: 60, maxOutputBytes: 1 << 20 };
  await runFfmpeg({
    inputs: [{ lavfi: `color=${color}:size=90x160` }],
    outputs: [{ file, options: ["-frames:v", "1"] }],
    ...limits,
  });
  return file;
}

/** All combinations of a number of stills, in three blocks. */
const batch = (choices: number) => ({
  outputs: [VIRTUAL],
  blocks: ["a", "b", "c"].map((name) =>
    video(name, { choices: stills.slice(0, choices).map((sha256, k) => still(`${k}`, sha256)) }),
  ),
});

it("does not make a small batch wait for an earlier large one", async () => {
  const large = await submit(pipeline, batch(SIDE));
  let delivered = 0;
  await watch(pipeline, large, {
    withinSeconds: 90,
    until: ({ update }) => update.case === "combinationDelivered" && ++delivered === 50,
  });
  const small = await endOf(pipeline, await submit(pipeline, batch(2)), { withinSeconds: 90 });
  expect(small.status.combinations).toMatchObject({ delivered: 8n, failed: 0n });
  const ended = await endOf(pipeline, large, { withinSeconds: 90 });
  expect(ended.status.combinations).toMatchObject({ delivered: BigInt(SIDE ** 3), failed: 0n });

  // From the first delivery of the small batch on, the two take turns. Not from its planning on: until all services know
  // the batch, a busy machine may make any number of the large batch's deliveries. Twice the fair share, as messages take
  // time.
  const [first = 0] = positions(small, "combinationDelivered");
  const done = positions(small, "combinationDelivered").at(-1) ?? 0;
  const meanwhile = positions(ended, "combinationDelivered").filter((at) => at > first && at < done);
  expect(meanwhile.length).toBeLessThan(2 * 8 * WORKERS);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));

/** Positions of such facts of a batch in the stream, in order. */
const positions = ({ updates }: Ended, name: WatchBatchResponse["update"]["case"]): number[] =>
  updates.filter(({ update }) => update.case === name).map(({ sequence }) => Number(sequence));
