import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { BatchSchema, SampleMethod } from "@polyreel/contract";
import { openFolderStore, planKey } from "@polyreel/platform/blobs";
import { normalizeBatch } from "@polyreel/spec";
import { expect, it } from "vitest";
import { readSpecification } from "./specification.js";

it("keeps the random samples of batches accepted before samples had a method", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-specification-"));
  try {
    const store = await openFolderStore(folder);
    const specSha256 = "ab".repeat(32);
    const stored = async (method: SampleMethod) => {
      const batch = normalizeBatch(create(BatchSchema, { sample: { count: 2n } }));
      if (batch.sample) batch.sample.method = method;
      await store.put(planKey("b1", specSha256), toBinary(BatchSchema, batch));
      return (await readSpecification(store, { batchId: "b1", specSha256 })).sample?.method;
    };
    expect(await stored(SampleMethod.UNSPECIFIED)).toBe(SampleMethod.RANDOM);
    expect(await stored(SampleMethod.BALANCED)).toBe(SampleMethod.BALANCED);
  } finally {
    await rm(folder, { recursive: true });
  }
});
