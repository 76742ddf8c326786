import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Releasers } from "@polyreel/platform";
import { needs } from "@polyreel/platform/testing";
import { afterAll, describe, expect, it } from "vitest";
import { endOf, failuresOf, runBatch, submit } from "../testing/batches.js";
import { footage, video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { mayMount, openSmallDisk } from "../testing/small-disk.js";
import { expectWhole } from "./whole.js";

/** Room for specifications of batches and entries of the audit log, and for no clip. */
const SPARE_BYTES = 32 << 10;

const releasers = new Releasers();
afterAll(() => releasers.close());

async function batchOf(pipeline: Pipeline) {
  const sha256 = await put(pipeline, await makeFootage(pipeline.folder, "one.mp4", { size: "160x90" }));
  const short = { trim: { duration: { seconds: 0n, nanos: 300_000_000 } } };
  return {
    canvas: { width: 720, height: 1280 },
    blocks: [video("hook", { choices: [footage("one", sha256), footage("two", sha256, short)] })],
  };
}

// Mounting requires privileges: otherwise these are reported as skipped.
describe("a full disk", needs(await mayMount(), "needs a user that may mount"), () => {
  it.concurrent.each([
    ["of the store", "POLYREEL_STORE"],
    ["of finished videos", "POLYREEL_OUTPUT"],
    ["of temporary files", "TMPDIR"],
  ])("reports that %s is full, and continues when there is room again", async (_, variable) => {
    const disk = releasers.use(await openSmallDisk(16));
    const folder = join(disk.folder, "data");
    await mkdir(folder);
    const pipeline = releasers.use(await startPipeline({ [variable]: folder, POLYREEL_OUTAGE_WAIT: "8s" }));
    const batch = await batchOf(pipeline);
    await disk.fillBut(SPARE_BYTES);
    const { combinations } = await runBatch(pipeline, batch);
    const reasons = [...failuresOf(combinations).values()].map((failure) => failure?.reason);
    expect(reasons).toEqual([expect.stringMatching(/disk is full/i), expect.stringMatching(/disk is full/i)]);

    // Once space is freed during the retries, it continues by itself.
    const waiting = await submit(pipeline, batch);
    await delay(1000);
    await disk.free();
    await expectWhole(pipeline, await endOf(pipeline, waiting, { withinSeconds: 90 }));
    await expectNothingLeft(pipeline);
  });
});
