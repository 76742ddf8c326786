import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { factSubject, facts, maskOf } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import type { EventStream } from "@polyreel/platform/stream";
import { openPrivateStream } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PublishedBefore } from "./published-before.js";

const releasers = new Releasers();
let stream: EventStream;
beforeAll(async () => {
  stream = await openPrivateStream(releasers);
});
afterAll(() => releasers.close());

type Outcome = "combination.rendered" | "combination.delivered" | "combination.failed";

async function publish<N extends Outcome>(name: N, init: MessageInitShape<(typeof facts)[N]>): Promise<number> {
  const bytes = toBinary(facts[name], create(facts[name], { batchId: "b1", ...init } as typeof init));
  return (await stream.client.publish(factSubject(name, "b1"), bytes)).seq;
}

const rendered = (id: string, attempt: number, ...deliveries: number[]) =>
  publish("combination.rendered", {
    ...{ attempt, combination: { id }, deliveryCount: 4 },
    outputPlan: { targets: deliveries.map((delivery) => ({ delivery })) },
  });

it("finds the outcomes of deliveries after a message, for concurrent calls", async () => {
  await rendered("a", 1, 0); // Before the messages.
  const sequence = await rendered("other", 1, 0);
  await rendered("a", 1, 1, 2);
  await rendered("a", 2, 0);
  await rendered("b", 0, 3); // A missing attempt is the first.
  await publish("combination.delivered", { combinationId: "a", attempt: 1, delivery: 0, deliveryCount: 4 });
  await publish("combination.failed", {
    ...{ combinationId: "b", attempt: 1, deliveries: maskOf([0, 1]), deliveryCount: 4 },
  });

  const message = { batchId: "b1", sequence };
  const published = releasers.use(new PublishedBefore(stream, ["combination.rendered", "combination.failed"]));
  const calls = [
    published.deliveries(message, "a", 1),
    published.deliveries(message, "b", 1),
    published.deliveries({ ...message, sequence: sequence + 1 }, "nobody", 1),
    published.deliveries({ batchId: "b2", sequence: 0 }, "a", 1),
  ];
  expect((await Promise.all(calls)).map((found) => [...found].sort())).toEqual([[1, 2], [0, 1, 3], [], []]);
  expect([...(await published.deliveries(message, "a", 2))]).toEqual([0]);

  const delivered = new PublishedBefore(stream, ["combination.delivered"]);
  expect([...(await delivered.deliveries(message, "a", 1))]).toEqual([0]);
  await delivered.close();
  await expect(delivered.deliveries(message, "a", 1)).rejects.toThrow("abort");
});
