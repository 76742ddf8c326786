import type { Selectable } from "kysely";
import { expect, it } from "vitest";
import { newBatchRecord } from "../batch-record.js";
import { batchRecord, batchRow } from "./rows.js";
import type { BatchesTable } from "./tables.js";

it("counts no parts of a kind that the release which wrote a row did not know", () => {
  const record = newBatchRecord("b1");
  record.parts.clip.made = 3;
  const row = batchRow(record) as Selectable<BatchesTable>;
  const { voice, clip } = record.parts;
  const former = { ...row, tally: { ...(row.tally as object), parts: { voice, clip } } };
  expect(batchRecord(former).parts).toEqual(record.parts);
});

it("keeps the specification of a resumed run, and reads rows of releases without one", () => {
  const record = { ...newBatchRecord("b1"), run: 2, resumedSpecSha256: "ab" };
  const row = batchRow(record) as Selectable<BatchesTable>;
  expect(batchRecord(row)).toMatchObject({ run: 2, resumedSpecSha256: "ab" });
  const { resumedSpecSha256: _, ...former } = row.tally as { resumedSpecSha256: string };
  expect(batchRecord({ ...row, tally: former })).toMatchObject({ run: 2, resumedSpecSha256: "" });
});
