import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { BatchState } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectWhole } from "../kill/whole.js";
import { labels, runBatch } from "../testing/batches.js";
import { video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { countsOf, endOfRun, idsOf, resumed } from "./runs.js";

let pipeline: Pipeline;
/** Served files, by path. */
const files: Record<string, string> = {};
const server = createServer(({ url = "" }, response) => {
  const file = files[url];
  if (file) createReadStream(file).pipe(response);
  else response.writeHead(404).end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  pipeline = await startPipeline({ POLYREEL_FETCH_ALLOW: "127.0.0.1" });
});
afterAll(async () => {
  await pipeline?.close();
  server.closeAllConnections();
  server.close();
});

const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const footage = (label: string) => ({
  label,
  media: { case: "source" as const, value: { location: { case: "url" as const, value: at(`/${label}.mp4`) } } },
});

it("retries failed combinations, all or selected, once per request id, and nothing else", async () => {
  const make = (name: string, seconds: number) =>
    makeFootage(pipeline.folder, `${name}.mp4`, { seconds, size: "160x90", sound: false });
  files["/good.mp4"] = await make("good", 0.3);
  files["/body.mp4"] = await make("body", 0.4);
  const first = await runBatch(pipeline, {
    blocks: [
      video("hook", { choices: ["good", "late", "later"].map(footage) }),
      video("body", { choices: ["body", "missing"].map(footage) }),
    ],
  });
  const { batchId } = first;
  expect(first.status.combinations).toMatchObject({ total: 6n, delivered: 1n, failed: 5n });
  const untouched = first.combinations.find(({ path }) => path !== "");

  // Two sources exist now, but only one of them is retried.
  files["/late.mp4"] = await make("late", 0.5);
  files["/later.mp4"] = await make("later", 0.6);
  files["/missing.mp4"] = await make("missing", 0.7);
  const which = {
    choices: [
      { block: "hook", choice: "late" },
      { block: "body", choice: "body" },
    ],
  };
  const request = { batchId, requestId: "one", which };
  const chosen = await resumed(pipeline.batches.retryBatch(request));
  expect(chosen).toMatchObject({ run: 2, combinations: 1n });
  expect(chosen.batch?.state).toBe(BatchState.RUNNING);
  const second = await endOfRun(pipeline, batchId, chosen);
  expect(second.status).toMatchObject({
    state: BatchState.FINISHED,
    combinations: { total: 6n, delivered: 2n, failed: 4n },
  });
  expect(countsOf(second.updates)).toEqual({
    batchResumed: 1,
    batchRequeued: 1,
    batchFinished: 1,
    part: 4, // One requested clip that is made, one that exists.
    combinationPlanned: 1,
    combinationRendered: 1,
    combinationDelivered: 1,
  });

  // Repeating the request returns the same run; another one with its id is refused.
  const again = await resumed(pipeline.batches.retryBatch(request));
  expect(again).toMatchObject({ run: 2, combinations: 1n, sequence: chosen.sequence });
  const other = pipeline.batches.retryBatch({ batchId, requestId: "one" });
  expect(await other.catch((error: unknown) => ConnectError.from(error).code)).toBe(Code.AlreadyExists);
  const unfailed = pipeline.batches.retryBatch({ batchId, which: { combinationIds: [untouched?.id ?? ""] } });
  expect(await unfailed.catch((error: unknown) => ConnectError.from(error))).toMatchObject({
    code: Code.FailedPrecondition,
    rawMessage: expect.stringContaining("has not failed"),
  });

  const rest = await resumed(pipeline.batches.retryBatch({ batchId, requestId: "two" }));
  expect(rest).toMatchObject({ run: 3, combinations: 4n });
  const third = await endOfRun(pipeline, batchId, rest);
  expect(third.combinations.map(labels)).toEqual(first.combinations.map(labels));
  expect(third.combinations.find(({ id }) => id === untouched?.id)).toEqual(untouched);
  const manifest = () => readFile(join(pipeline.out, batchId, "manifest.csv"), "utf8");
  await expect.poll(async () => (await manifest()).match(/,delivered,/g)?.length, { timeout: 10_000 }).toBe(6);

  await expectWhole(pipeline, third);

  // Nothing is left to do.
  const nothing = await resumed(pipeline.batches.retryBatch({ batchId, requestId: "three" }));
  expect(nothing).toMatchObject({ run: 0, combinations: 0n, batch: { state: BatchState.FINISHED } });
  expect(idsOf(third.combinations, "hook", "late")).toHaveLength(2);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
