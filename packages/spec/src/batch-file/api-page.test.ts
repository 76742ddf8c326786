import { readFile } from "node:fs/promises";
import { fromJsonString, toJson } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { parseBatchFile } from "./parse.js";

const read = (name: string) => readFile(new URL(`../../../../docs/clients/${name}`, import.meta.url), "utf8");

it("reads the batch file of the API page as the message beside it", async () => {
  const { batchFile, problems } = parseBatchFile("batch.yaml", await read("batch.yaml"));
  expect(problems).toEqual([]);
  if (!batchFile) expect.fail();
  expect(toJson(BatchSchema, batchFile.batch)).toEqual(
    toJson(BatchSchema, fromJsonString(BatchSchema, await read("batch.json"))),
  );
});
