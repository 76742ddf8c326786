import { combinationCount } from "@polyreel/spec";
import { parseBatchFile } from "@polyreel/spec/batch-file";
import { expect, it } from "vitest";
import { chooseVoices, demoBatch } from "./batch.js";
import { media } from "./make-media.js";

it("the demo batch uses every kind of block, has 72 combinations, and names only generated files", () => {
  const { batchFile, problems } = parseBatchFile("batch.yaml", demoBatch(["slt", "rms"]));
  expect(problems).toEqual([]);
  if (!batchFile) throw new Error("no batch");
  expect(new Set(batchFile.batch.blocks.map(({ kind }) => kind.case))).toEqual(
    new Set(["video", "text", "voice", "audio"]),
  );
  expect(combinationCount(batchFile.batch)).toBe(72n);
  const made = Object.keys(media).map((name) => `media/${name}`);
  expect(new Set(batchFile.sources.map(({ path }) => path))).toEqual(new Set(made));
});

it.each([
  [
    ["kal", "rms", "slt"],
    ["slt", "rms"],
  ],
  [
    ["en-us", "slt"],
    ["slt", "en-us"],
  ],
  [
    ["en-us", "fr"],
    ["en-us", "fr"],
  ],
  [["en-us"], ["en-us"]],
])("of the voices %j, chooses %j", (voices, chosen) => {
  expect(chooseVoices(voices)).toEqual(chosen);
});
