import { combinationCount, normalizeBatch } from "@polyreel/spec";
import { parseBatchFile } from "@polyreel/spec/batch-file";
import { checkBatch } from "@polyreel/spec/checks";
import { expect, it } from "vitest";
import { template } from "./template.js";

it("the template is valid apart from its file names", () => {
  const { batchFile, problems } = parseBatchFile("batch.yaml", template);
  expect(problems).toEqual([]);
  if (!batchFile) throw new Error("no batch");
  for (const { message } of batchFile.sources) message.location = { case: "sha256", value: "0".repeat(64) };
  expect(checkBatch(normalizeBatch(batchFile.batch))).toEqual([]);
  expect(combinationCount(batchFile.batch)).toBe(32n);
  expect(template).toContain("= 32 videos");
});

it("every commented-out line of the template is valid", () => {
  const all = template.replace(/^( *)# (?=\w+: .)/gm, "$1");
  expect(all).not.toBe(template);
  expect(parseBatchFile("batch.yaml", all).problems).toEqual([]);
});
