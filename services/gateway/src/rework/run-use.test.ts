import { create } from "@bufbuild/protobuf";
import { EstimateBatchResponseSchema, ReworkFrom } from "@polyreel/contract";
import { expect, it } from "vitest";
import { type RunWork, useOfRun } from "./run-use.js";

const about = { combinations: 10n, encodeCoreSeconds: 8, storeBytes: 50n, outputBytes: 2000n };
const speech = [{ engine: "studio", characters: 300n, unspoken: 20n }];
const written = create(EstimateBatchResponseSchema, { ...about, writtenBytes: 2000n, speech });
const virtual = create(EstimateBatchResponseSchema, about);
const run = (rework: RunWork["rework"]): RunWork => ({ rework, deliveries: 4, outputs: 2 });

it.each<[string, typeof written, RunWork["rework"], [number, number, number, number]]>([
  ["a retry makes what is missing", written, { from: ReworkFrom.PLANNED }, [50, 400, 20, 8]],
  ["a delivery only writes", written, { from: ReworkFrom.RENDERED }, [0, 400, 0, 0]],
  ["a delivery of virtual outputs writes them", virtual, { from: ReworkFrom.RENDERED, written: true }, [0, 400, 0, 0]],
  ["virtual outputs take no bytes", virtual, { from: ReworkFrom.PLANNED }, [50, 0, 0, 8]],
  ["a new reading is charged for", written, { from: ReworkFrom.PLAN, respeak: true }, [50, 400, 300, 8]],
])("%s", (_, estimate, rework, [storedBytes, deliveredBytes, speechCharacters, encodeSeconds]) => {
  expect(useOfRun(estimate, run(rework))).toEqual({ storedBytes, deliveredBytes, speechCharacters, encodeSeconds });
});
