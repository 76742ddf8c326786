import { BatchState, STREAM, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, openStream } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { combinationsOf, submit, watch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type NatsCluster, startNatsCluster } from "../testing/nats-cluster.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { expectWhole } from "./whole.js";

const releasers = new Releasers();
let cluster: NatsCluster;
let pipeline: Pipeline;
beforeAll(async () => {
  cluster = releasers.use(await startNatsCluster(3));
  const env = {
    ...{ NATS_URL: cluster.url, POLYREEL_STREAM_REPLICAS: "3" },
    ...{ POLYREEL_ENCODES: "1", POLYREEL_ACK_WAIT_SECONDS: "5" },
  };
  const [nats] = cluster.servers;
  if (nats) pipeline = releasers.use(await startPipeline(env, { nats }));
});
afterAll(() => releasers.close());

it("completes when the leader of three servers is killed during the work", async () => {
  const footages = [0, 1].map((i) => makeFootage(pipeline.folder, `${i}.mp4`, { seconds: 3, hertz: 300 + 50 * i }));
  const choices = (await Promise.all(footages.map(async (path) => put(pipeline, await path)))).map((sha256, i) =>
    footage(`${i}`, sha256),
  );
  const batchId = await submit(pipeline, {
    canvas: { width: 180, height: 320 },
    blocks: [
      video("hook", { choices }),
      video("body", { choices }),
      voice("say", { choices: [{ label: "nothing" }, { text: "Hello" }] }),
    ],
  });
  await watch(pipeline, batchId, { withinSeconds: 60, until: firstClip });
  const { leader, config } = await theStream(cluster.url);
  expect(config.num_replicas).toBe(3);
  const killed = cluster.servers.find(({ name }) => name === leader);
  if (!killed) throw new Error(`No server is the leader ${leader}.`);
  process.kill(killed.pid, "SIGKILL");

  const stateNow = async () => (await pipeline.batches.getBatch({ batchId }).catch(() => undefined))?.batch?.state;
  await expect.poll(stateNow, { timeout: 100_000, interval: 250 }).toBe(BatchState.FINISHED);
  const { batch: status } = await pipeline.batches.getBatch({ batchId });
  if (!status) throw new Error("No status.");
  const combinations = await combinationsOf(pipeline, batchId);
  expect(combinations).toHaveLength(8);
  // The servers may place the reader on the dead one, which takes three seconds each time.
  await expectWhole(pipeline, { batchId, status, combinations, updates: [] }, { withinSeconds: 90 });
  expect((await theStream(cluster.url)).leader).not.toBe(leader);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));

function firstClip({ update }: WatchBatchResponse): boolean {
  return update.case === "part" && update.value.stage === Stage.CLIP && update.value.event.case === "ready";
}

async function theStream(url: string) {
  const connection = await connectNats({ url, name: "test", log: createLog("test", "silent") });
  try {
    const { manager } = await openStream(connection, { maxBytes: 10 * 1024 ** 3, replicas: 3 });
    const { config, cluster } = await manager.streams.info(STREAM);
    return { config, leader: cluster?.leader };
  } finally {
    await connection.close();
  }
}
