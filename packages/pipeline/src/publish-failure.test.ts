import { PolyreelError } from "@polyreel/platform";
import type { Publisher } from "@polyreel/platform/stream";
import { expect, it } from "vitest";
import { publishCombinationFailed, publishPartFailed } from "./publish-failure.js";

const { failure } = new PolyreelError("internal", "It broke.");

/** Returns the published facts, with their message ids. */
async function published(publishing: (publisher: Publisher) => Promise<void>): Promise<unknown[]> {
  const facts: unknown[] = [];
  const publish: Publisher["publish"] = async (...fact) => {
    facts.push(fact);
    return { seq: 1, duplicate: false };
  };
  await publishing({ publish } as Publisher);
  return facts;
}

const combination = { id: "c", ordinal: 3n, choices: [] };
const targets = ["a", "b", "b"].map((folder, delivery) => ({ folder, delivery }));
const about = { batchId: "b1", attempt: 2, combination, targets, failure };

it.each([
  { name: "all deliveries", mask: 0n, id: "c", deliveries: 0n, folder: "" },
  { name: "a mask of all deliveries", mask: 0b111n, id: "c", deliveries: 0n, folder: "" },
  { name: "the first delivery", mask: 0b001n, id: "c", deliveries: 0b001n, folder: "a" },
  { name: "later deliveries of one folder", mask: 0b110n, id: "c.1", deliveries: 0b110n, folder: "b" },
  { name: "deliveries of several folders", mask: 0b101n, id: "c", deliveries: 0b101n, folder: "" },
])("names $name in the fact and its message id", async ({ mask, id, deliveries, folder }) => {
  const facts = await published((to) => publishCombinationFailed(to, { ...about, mask, deliveryCount: 3 }));
  const failed = { batchId: "b1", attempt: 2, combinationId: "c", ordinal: 3n, folder, deliveries, deliveryCount: 3 };
  expect(facts).toMatchObject([["combination.failed", { ...failed, failure }, { id, attempt: 2 }]]);
});

it("omits the number of deliveries if it is one", async () => {
  const only = { mask: 0b1n, deliveryCount: 1, targets: targets.slice(0, 1) };
  const facts = await published((to) => publishCombinationFailed(to, { ...about, ...only }));
  expect(facts).toMatchObject([
    ["combination.failed", { folder: "a", deliveries: 0n, deliveryCount: 0 }, { id: "c", attempt: 2 }],
  ]);
});

it("publishes only the identifying fields of a failed part request", async () => {
  const request = { batchId: "b1", attempt: 2, hash: "h", tenant: "acme", force: true };
  const facts = await published((to) => publishPartFailed(to, "clip", request, failure, "h.7"));
  expect(facts).toEqual([
    ["clip.failed", { batchId: "b1", attempt: 2, hash: "h", failure }, { id: "h.7", attempt: 2 }],
  ]);
});
