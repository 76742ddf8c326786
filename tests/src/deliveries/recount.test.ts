import { create, toBinary } from "@bufbuild/protobuf";
import { type FactName, facts } from "@polyreel/contract";
import { expect, it } from "vitest";
import type { StreamMessage } from "./read-stream.js";
import { recount } from "./recount.js";

const message = (name: FactName, fact: object = {}): StreamMessage => ({
  ...{ name, sequence: 1 },
  data: toBinary(facts[name], create(facts[name], fact)),
});

it("counts combinations, outputs, deliveries and parts by their messages", () => {
  const planned = (id: string) => message("combination.planned", { combination: { id } });
  const rendered = (id: string, output: number) => message("combination.rendered", { combination: { id }, output });
  const delivered = (combinationId: string, delivery: number) =>
    message("combination.delivered", { combinationId, delivery, attempt: 1, path: `${combinationId}${delivery}` });
  const ready = (hash: string, reused: boolean) => message("clip.ready", { hash, reused });
  const counted = recount(
    [
      ...["1", "2", "3"].map((hash) => message("clip.requested", { hash })),
      ...[ready("1", false), ready("1", true), ready("2", true), ready("3", false), ready("3", false)],
      ...[planned("a"), planned("a"), planned("b"), rendered("a", 0), rendered("a", 1), rendered("b", 1)],
      ...[delivered("a", 0), delivered("a", 1), delivered("a", 1), delivered("b", 1)],
      message("combination.failed", {
        ...{ combinationId: "b", deliveries: 1n, deliveryCount: 2 },
        failure: { reason: "The disk is full." },
      }),
      message("batch.finished"),
    ],
    2,
  );
  expect(counted).toMatchObject({
    planned: new Set(["a", "b"]),
    rendered: new Set(["a"]),
    failed: new Map([["b", "The disk is full."]]),
    failedDeliveries: new Map([["b", new Set([0])]]),
    parts: { clip: { distinct: 3, made: 2, reused: 1 }, voice: { distinct: 0 } },
    madeAgain: 1,
    finished: 1,
  });
  expect(counted.delivered.map(({ path }) => path)).toEqual(["a0", "a1", "a1", "b1"]);
});
