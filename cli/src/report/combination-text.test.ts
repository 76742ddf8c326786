import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  CombinationDetailsSchema,
  CombinationState,
  FailureCode,
  Stage,
  StepSchema,
  WarningCode,
} from "@polyreel/contract";
import { expect, it } from "vitest";
import { combinationLines, stepText } from "./combination-text.js";

const NOW = 1_000_000;
const tryingAgain = { tried: 2, tries: 5, nextAt: timestampFromMs(NOW + 12_000), reason: "The disk is not mounted." };
const clip = { stage: Stage.CLIP, block: "hook", choice: "flower", index: 2, count: 3 };

it.each<[MessageInitShape<typeof StepSchema>, string]>([
  [{ ...clip, fraction: 0.45 }, "clip 2 of 3, hook/flower, 45 %"],
  [{ ...clip, fraction: 0.29 }, "clip 2 of 3, hook/flower, 29 %"],
  [clip, "clip 2 of 3, hook/flower, waiting"],
  [{ ...clip, index: 1, count: 1 }, "clip, hook/flower, waiting"],
  [{ stage: Stage.SOUND, index: 1, count: 1, fraction: 0.999 }, "soundtrack, 99 %"],
  [{ stage: Stage.JOIN, index: 1, count: 1 }, "layout"],
  [
    { stage: Stage.DELIVERY, index: 1, count: 1, tryingAgain },
    "delivery, trying again: in 12 s (tried 2 of 5): The disk is not mounted.",
  ],
  [
    { ...clip, tryingAgain: { ...tryingAgain, nextAt: timestampFromMs(NOW - 1) } },
    "clip 2 of 3, hook/flower, trying again: The disk is not mounted.",
  ],
])("describes step %#", (step, text) => {
  expect(stepText(create(StepSchema, step), NOW)).toBe(text);
});

it.each([
  [
    {
      format: "mp4",
      durationSeconds: 2,
      video: { codec: "h264", width: 64, height: 36 },
      ssim: { mean: 0.98765, lowest: 0.91 },
    },
    "2.0 s, mp4, h264 64x36, 5.0 kB, SSIM 0.988, lowest 0.910",
  ],
  [
    { format: "png", durationSeconds: 2, waveform: { channels: 1, length: 800, height: 90 } },
    "2.0 s, png, waveform 800x90, 5.0 kB",
  ],
  [
    { format: "json", durationSeconds: 2, waveform: { channels: 2, length: 800 } },
    "2.0 s, json, 2 x 800 peaks, 5.0 kB",
  ],
])("shows what was measured of a rendition %#", (value, text) => {
  const certificate = { sizeBytes: 5000n, operation: { case: "rendition" as const, value } };
  const details = create(CombinationDetailsSchema, { status: { state: CombinationState.DELIVERED, certificate } });
  const shown = { batchId: "b1", server: "", now: NOW, paint: (_: unknown, own: string) => own, canRetry: false };
  expect(combinationLines(details, shown)).toContain(`  certificate  ${text}`);
});

it("shows all details, with the state in colour", () => {
  const failure = {
    ...{ block: "hook", choice: "flower", reason: "It is broken.", remedy: "Mend it." },
    code: FailureCode.SOURCE_UNAVAILABLE,
  };
  const details = create(CombinationDetailsSchema, {
    status: {
      id: "c1",
      choices: [
        { block: "hook", choice: "flower" },
        { block: "headline", choice: "Half price" },
      ],
      certificate: { videoSeconds: 13, frames: 390n, sizeBytes: 7_400_000n, loudnessLufs: Number.NEGATIVE_INFINITY },
      traceId: "0af7",
    },
    outputs: [
      { name: "video", state: CombinationState.FAILED, percent: 83, failure, urlPath: "/outputs/b1/c1/a.mp4" },
      { name: "poster", state: CombinationState.DELIVERED, percent: 100, path: "sale/a.jpg" },
    ],
    warnings: [
      { block: "music", choice: "chord", reason: "It was cut.", code: WarningCode.SOUND_CUT },
      { reason: "Old." },
    ],
  });
  const paint = (style: unknown, text: string) => `<${style}>${text}`;
  const shown = { batchId: "b1", server: "http://host", now: NOW, paint };
  expect(combinationLines(details, { ...shown, canRetry: false })).toContain(
    "  retry        not possible: the batch was cancelled, or is being deleted",
  );
  expect(combinationLines(details, { ...shown, canRetry: true })).toEqual([
    "c1 of batch b1",
    "  choice       hook=flower",
    "  choice       headline=Half price",
    "  video        <red>failed, 83 %",
    "  failure      source_unavailable: It is broken.",
    '  where        (block "hook", choice "flower")',
    "  remedy       Mend it.",
    "  retry        worth it: polyreel retry b1 c1",
    "  link         http://host/outputs/b1/c1/a.mp4",
    "  poster       <green>delivered, 100 %",
    "  file         sale/a.jpg",
    '  warning      sound_cut: It was cut.  (block "music", choice "chord")',
    "  warning      unspecified: Old.",
    "  certificate  13 s, 390 frames, 7.4 MB, silent (LUFS)",
    "  trace        0af7",
  ]);
});
