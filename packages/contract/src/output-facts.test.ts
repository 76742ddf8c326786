import { create, fromBinary, toJson } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { deliveriesIn, deliveryMessageId, maskOf, shortMask } from "./delivery-mask.js";
import {
  CertificateSchema,
  CombinationPlannedSchema,
  CombinationRenderedSchema,
  OutputPlanSchema,
} from "./gen/polyreel/v1/events_pb.js";
import {
  certificateOf,
  deliveriesPlanned,
  durationSecondsOf,
  joinOf,
  lacksPictures,
  onlyDeliveries,
  outputPlansOf,
  plannedDeliveries,
  renderedFileName,
  renderedPlan,
} from "./output-facts.js";

/** As written by releases with one output per batch. */
const FORMER = {
  combination: { fileName: "friday.mp4" },
  target: {
    folder: "spring",
    pictures: [
      { suffix: ".jpg", frames: [30], columns: 1 },
      { suffix: ".sheet.jpg", frames: [1, 2], columns: 2, frameWidth: 60 },
    ],
  },
};

it("reads a plan of an earlier release as equivalent outputs", () => {
  const planned = create(CombinationPlannedSchema, FORMER);
  const plans = outputPlansOf(planned);
  expect(plans.map(({ number, fileName, operation }) => [number, fileName, operation.case])).toEqual([
    [0, "", undefined],
    [1, "friday.jpg", "picture"],
    [2, "friday.sheet.jpg", "picture"],
  ]);
  expect(
    plans.map(({ targets }) => targets.map(({ folder, delivery, pictures }) => [folder, delivery, pictures.length])),
  ).toEqual([0, 1, 2].map((delivery) => [["spring", delivery, 0]]));
  expect(plannedDeliveries(planned)).toBe(3);
  expect(plannedDeliveries(create(CombinationPlannedSchema, { target: { folder: "spring" } }))).toBe(1);
});

it("reads a layout of an earlier release as its video, with pictures still to be made", () => {
  const rendered = create(CombinationRenderedSchema, FORMER);
  expect(renderedPlan(rendered)).toMatchObject({ number: 0, targets: [{ folder: "spring", delivery: 0 }] });
  expect(renderedFileName(rendered)).toBe("friday.mp4");
  const output = { ...rendered, outputPlan: create(OutputPlanSchema, { number: 1, fileName: "friday.srt" }) };
  expect(renderedFileName(output)).toBe("friday.srt");
  expect(lacksPictures(rendered)).toBe(true);
  expect(lacksPictures(create(CombinationRenderedSchema, { target: { folder: "spring" } }))).toBe(false);
});

it("reads a certificate of an earlier release as that of a joined MP4", () => {
  // size_bytes, header_sha256, frames, video_seconds, loudness_lufs, one warning.
  const stored = [
    8, 7, 18, 2, 97, 98, 24, 90, 49, 0, 0, 0, 0, 0, 0, 8, 64, 65, 0, 0, 0, 0, 0, 0, 48, 192, 98, 3, 26, 1, 33,
  ];
  const former = fromBinary(CertificateSchema, Uint8Array.from(stored));
  const read = certificateOf(former);
  expect(toJson(CertificateSchema, read)).toEqual({
    sizeBytes: "7",
    join: { headerSha256: "ab", frames: "90", videoSeconds: 3, loudnessLufs: -16 },
    warnings: [{ reason: "!" }],
  });
  expect(certificateOf(read)).toBe(read);
  expect([joinOf(former)?.truePeakDbtp, durationSecondsOf(former), durationSecondsOf(read)]).toEqual([undefined, 3, 3]);
});

it("returns the duration of an output", () => {
  const audio = create(CertificateSchema, { operation: { case: "audio", value: { audioSeconds: 2.5 } } });
  const picture = create(CertificateSchema, { operation: { case: "picture", value: {} } });
  expect([durationSecondsOf(audio), durationSecondsOf(picture), joinOf(picture), joinOf(undefined)]).toEqual([
    ...[2.5, 0, undefined, undefined],
  ]);
});

it("keeps only some deliveries of a plan", () => {
  const plans = outputPlansOf(create(CombinationPlannedSchema, FORMER));
  expect(deliveriesPlanned(onlyDeliveries(plans, maskOf([2, 0])))).toEqual([0, 2]);
  expect(onlyDeliveries(plans, 0n)).toHaveLength(3);
});

it("represents deliveries as bits", () => {
  expect(deliveriesIn(maskOf([63, 0, 5]), 64)).toEqual([0, 5, 63]);
  expect(deliveriesIn(0n, 3)).toEqual([0, 1, 2]);
  expect([shortMask(0b111n, 3), shortMask(0b101n, 3), shortMask(maskOf(deliveriesIn(0n, 64)), 64)]).toEqual([
    0n,
    0b101n,
    0n,
  ]);
  expect([deliveryMessageId("abc", 0), deliveryMessageId("abc", 2)]).toEqual(["abc", "abc.2"]);
});
