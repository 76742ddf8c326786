import { readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { Releasers } from "@polyreel/platform";
import { afterAll, expect, it } from "vitest";
import { endOf, failuresOf, submit, watch } from "../testing/batches.js";
import { footage, video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { startPipeline } from "../testing/pipeline.js";
import { expectWhole } from "./whole.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 60_000, interval: 100 };

const TIMEOUT_MS = 240_000;

const releasers = new Releasers();
afterAll(() => releasers.close());

it(
  "delivers nothing of a batch that was deleted while the uploader was paused, and nothing into the next one with its id",
  async () => {
    // Its work is taken over soon after it was paused.
    const pipeline = releasers.use(await startPipeline({ POLYREEL_ACK_WAIT_SECONDS: "2", POLYREEL_DELIVERIES: "1" }));
    const { child } = pipeline.services.uploader;
    releasers.add(async () => void child.kill("SIGCONT")); // A paused process cannot be ended.
    const sha256 = await put(pipeline, await makeFootage(pipeline.folder, "one.mp4", { size: "160x90", sound: false }));
    const choices = (count: number, firstMs: number) =>
      Array.from({ length: count }, (_, i) =>
        footage(`c${i}`, sha256, { trim: { duration: { seconds: 0n, nanos: (firstMs + i * 34) * 1_000_000 } } }),
      );
    const batch = {
      blocks: [video("hook", { choices: choices(4, 100) }), video("body", { choices: choices(6, 400) })],
    };

    const batchId = await submit(pipeline, batch, "same");
    await watch(pipeline, batchId, {
      withinSeconds: 60,
      until: ({ update }) => update.case === "combinationDelivered",
    });
    child.kill("SIGSTOP");
    const other = pipeline.start("uploader");
    await other.logged(/^uploader ready/);
    await pipeline.batches.cancelBatch({ batchId });
    const shown = async () => (await pipeline.batches.getBatch({ batchId })).batch;
    await expect.poll(async () => (await shown())?.finishedAt !== undefined, PATIENT).toBe(true);
    await pipeline.batches.deleteBatch({ batchId });
    await expect
      .poll(
        () =>
          shown().then(
            () => undefined,
            (error: unknown) => ConnectError.from(error).code,
          ),
        PATIENT,
      )
      .toBe(Code.NotFound);
    const left = () => readdir(pipeline.out).catch(() => []);
    await expect.poll(left, PATIENT).toEqual([]);

    child.kill("SIGCONT");
    await delay(3_000);
    expect(await left()).toEqual([]);

    const again = await endOf(pipeline, await submit(pipeline, batch, "same"), { withinSeconds: 120 });
    expect(again.batchId).toBe(batchId);
    expect(failuresOf(again.combinations)).toEqual(new Map());
    expect(again.status.combinations).toMatchObject({ total: 24n, planned: 24n, delivered: 24n, failed: 0n });
    await expectWhole(pipeline, again);
    await expectNothingLeft(pipeline);
  },
  TIMEOUT_MS,
);
