import { create } from "@bufbuild/protobuf";
import { EstimateBatchRequestSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import type { BatchDeps } from "./deps.js";
import { estimateBatch } from "./estimate-batch.js";

it("tells that a batch is too large to be asked about, rather than that nobody answers", async () => {
  const connection = { info: { max_payload: 1000 } };
  const deps = { broker: { assertThere: () => {} }, stream: { connection } } as unknown as BatchDeps;
  const request = create(EstimateBatchRequestSchema, { batch: { name: "x".repeat(2000) } });
  await expect(estimateBatch(deps)(request, new AbortController().signal)).rejects.toMatchObject({
    code: "exhausted",
    failure: { field: "batch", reason: expect.stringContaining("1000 at most") },
  });
});
