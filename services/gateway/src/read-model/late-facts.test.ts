import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AdminService, batchSubjects, STREAM } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
});
afterAll(() => gateway.close());

it("removes what a paused process publishes about a batch deleted meanwhile, and nothing of the next one", async () => {
  const { stream, publisher } = gateway.platform;
  const batchId = "late";
  const subjects = async () => {
    const info = await stream.manager.streams.info(STREAM, { subjects_filter: batchSubjects(batchId) });
    return info.state.subjects ?? {};
  };
  const submitted = await publisher.publish("batch.submitted", { batchId }, { id: "1" });
  const generation = submitted.seq;
  const { seq } = await publisher.publish("batch.deleted", { batchId }, { id: "1", generation });
  await stream.manager.streams.purge(STREAM, { filter: batchSubjects(batchId), seq });

  const publishLate = (hash: string) => publisher.publish("clip.ready", { batchId, hash }, { id: hash, generation });
  await publishLate("a");
  await publishLate("b");
  const left = { [`polyreel.batch.deleted.${batchId}`]: 1 };
  await expect.poll(subjects, { timeout: 10_000 }).toEqual(left);

  const next = await publisher.publish("batch.submitted", { batchId }, { id: "2" });
  await publisher.publish("clip.ready", { batchId, hash: "a" }, { id: "a", generation: next.seq });
  await publishLate("c");
  const ofNext = { [`polyreel.batch.submitted.${batchId}`]: 1, [`polyreel.clip.ready.${batchId}`]: 1 };
  await expect.poll(subjects, { timeout: 10_000 }).toEqual({ ...left, ...ofNext });

  // A rebuild reads everything again.
  const client = createClient(AdminService, createGrpcTransport({ baseUrl: gateway.url }));
  for await (const _progress of client.rebuildReadModel({}));
  await publishLate("d"); // Removed once the rebuild is done.
  await expect.poll(subjects, { timeout: 10_000 }).toEqual({ ...left, ...ofNext });
});
