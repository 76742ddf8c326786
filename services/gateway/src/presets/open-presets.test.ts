import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { MediaContainer, SubmitBatchRequestSchema } from "@polyreel/contract";
import { builtInPresets, normalizeBatch } from "@polyreel/spec";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRequestCheck } from "../server/validate.js";
import { openPresets } from "./open-presets.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-presets-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function opened(text: string) {
  const path = join(folder, "presets.yaml");
  await writeFile(path, text);
  return openPresets(path);
}

const batchWith = (preset: string) =>
  create(SubmitBatchRequestSchema, {
    batch: {
      inputs: [{ source: { location: { case: "sha256", value: "a".repeat(64) } } }],
      outputs: [{ operation: { case: "transcode", value: { preset, audioKbps: 64 } } }],
    },
  });

it("adds presets to the built-in ones, which they may begin with", async () => {
  const presets = await opened("mobile: {preset: web-480p, shortSide: 360}\nweb-720p: {shortSide: 720, crf: 20}\n");
  expect(presets.size).toBe(builtInPresets.size + 1);
  expect(presets.get("mobile")).toMatchObject({
    preset: "",
    shortSide: 360,
    container: MediaContainer.MP4,
    maxVideoKbps: 1500,
  });
  expect(presets.get("web-720p")).toMatchObject({ crf: 20, maxVideoKbps: 0 });
});

it("fills them into batches before these are checked and kept", async () => {
  const presets = await opened("mobile: {preset: web-480p, shortSide: 360}\n");
  const { batch } = batchWith("mobile");
  if (!batch) throw new Error("It has no batch.");
  expect(createRequestCheck(presets)(SubmitBatchRequestSchema, batchWith("mobile")).failures).toEqual([]);
  const [output] = normalizeBatch(batch, presets).outputs;
  expect(output?.operation.value).toMatchObject({ preset: "", shortSide: 360, audioKbps: 64 });
  const { failures } = createRequestCheck(presets)(SubmitBatchRequestSchema, batchWith("mobil"));
  expect(failures).toMatchObject([
    {
      field: "outputs[0].transcode.preset",
      reason: 'There is no preset "mobil".',
      remedy: expect.stringContaining('Did you mean "mobile"?'),
    },
  ]);
});

it.each([
  ["mobile: {shortsid: 360}", /line 1 \(mobile\.shortsid\): Unknown field/],
  ["mobile: {width: 33}", /\(mobile\): width must be an even number from 16 to 8192/],
  ["Mobile: {}", /can't be a preset's name/],
  ["mobile: {preset: web-270}", /There is no preset "web-270"/],
  ["mobile: {container: webm, videoCodec: h264}", /WebM can't hold h264/],
  ["- mobile", /must be settings by name/],
])("refuses %s", async (text, reason) => {
  await expect(opened(text)).rejects.toMatchObject({
    code: "invalid",
    failure: { reason: expect.stringMatching(reason) },
  });
});

it("refuses a file that cannot be read", async () => {
  await expect(openPresets(join(folder, "gone.yaml"))).rejects.toMatchObject({
    failure: { reason: expect.stringContaining("ENOENT"), remedy: expect.stringContaining("POLYREEL_PRESETS") },
  });
});
