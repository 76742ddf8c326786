import { create } from "@bufbuild/protobuf";
import { CombinationDeliveredSchema, CombinationFailedSchema, WarningCode } from "@polyreel/contract";
import { expect, it } from "vitest";
import { deliveredRow, failedRow } from "./manifest-row.js";

it.each([
  ["a file of a release without subfolders", "", "spring/sale/a.mp4", "a.mp4"],
  ["a file in the output folder", "", "a.mp4", "a.mp4"],
  ["a file in its destination's folder", "spring/sale", "spring/sale/a.mp4", "a.mp4"],
  ["a file in a subfolder of it", "spring", "spring/sale/half/a.mp4", "sale/half/a.mp4"],
  ["a file in a subfolder of the output folder", ".", "sale/a.mp4", "sale/a.mp4"],
])("names %s relative to the manifest's folder", (_title, folder, path, file) => {
  expect(deliveredRow(create(CombinationDeliveredSchema, { folder, path }), "video").file).toBe(file);
});

it("omits empty fields", () => {
  const warnings = [
    { reason: "It was cut.", block: "whoosh", choice: "a", code: WarningCode.SOUND_CUT },
    { reason: "Low." },
  ];
  const certificate = { warnings, operation: { case: "picture" as const, value: { width: 2 } } };
  const row = deliveredRow(create(CombinationDeliveredSchema, { path: "a.jpg", certificate }), "poster");
  expect(row).toEqual({
    ...{ id: "", status: "delivered", choices: {}, file: "a.jpg", output: "poster" },
    certificate: { sizeBytes: 0, sha256: "", width: 2, height: 0, frames: 0 },
    warnings: [{ code: "sound_cut", block: "whoosh", choice: "a", reason: "It was cut." }, { reason: "Low." }],
  });
  expect(failedRow(create(CombinationFailedSchema, {}), "video").failure).toEqual({
    ...{ code: "unspecified", worthRetrying: true, reason: "It failed." },
  });
});

it("states the address of a file, where its destination has one", () => {
  const folder = { path: "ads:/spring/de/a.mp4", folder: "ads:/spring" };
  const fact = create(CombinationDeliveredSchema, { ...folder, location: "s3://ads/spring/de/a.mp4" });
  expect(deliveredRow(fact, "video")).toMatchObject({ file: "de/a.mp4", location: "s3://ads/spring/de/a.mp4" });
});
