import { create } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { deliveriesOf, deliveryFolders, homeFolder } from "./deliveries.js";
import { normalizeBatch } from "./normalize.js";

const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };

const batch = normalizeBatch(
  create(BatchSchema, {
    outputs: [
      { name: "video", to: [folder("spring"), VIRTUAL] },
      { name: "poster", operation: { case: "thumbnail", value: {} } },
      { name: "draft", to: [{ kind: { case: "virtual", value: { folder: { path: "drafts" } } } }] },
    ],
  }),
);

it("numbers deliveries in the order of the specification", () => {
  expect(deliveriesOf(batch).map(({ number, output, position }) => [number, output, position])).toEqual([
    [0, 0, 0],
    [1, 0, 1],
    [2, 1, 0],
    [3, 2, 0],
  ]);
});

it("returns the folder of each, and the default one", () => {
  expect(deliveryFolders(batch, "b2")).toEqual(["spring", "b2", "b2", "drafts"]);
  const earlier = [{ batchId: "b1", batch: normalizeBatch(create(BatchSchema)) }];
  expect(deliveryFolders(batch, "b2", earlier)).toEqual(["spring", "b1", "b1", "drafts"]);
  expect(homeFolder(normalizeBatch(create(BatchSchema)), "b2", [{ batchId: "b1", batch }])).toBe("spring");
});
