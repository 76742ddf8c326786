import type { EventStream } from "@polyreel/platform/stream";
import { describe, expect, it } from "vitest";
import { assertStreamCapacity } from "./stream-capacity.js";

const streamOf = (bytes: number, maxBytes: number) =>
  ({
    manager: { streams: { info: async () => ({ state: { bytes }, config: { max_bytes: maxBytes } }) } },
  }) as unknown as EventStream;

describe("assertStreamCapacity", () => {
  it.each([
    [0, 100, 1000],
    [799, 100, 1000],
    [10 ** 12, 10 ** 12, -1], // no limit
  ])("with %i bytes there lets a batch of %i into %i", async (bytes, batchBytes, maxBytes) => {
    await expect(assertStreamCapacity(streamOf(bytes, maxBytes), batchBytes)).resolves.toBeUndefined();
  });

  it.each([900, 1000])("refuses all with %i bytes there of 1000", async (bytes) => {
    await expect(assertStreamCapacity(streamOf(bytes, 1000), 0)).rejects.toMatchObject({ code: "exhausted" });
  });

  it("refuses a batch that would not fit, and says what it takes and what there is", async () => {
    await expect(assertStreamCapacity(streamOf(300e6, 1000e6), 2_345e6)).rejects.toMatchObject({
      code: "exhausted",
      failure: { reason: "The batch takes about 2,345 MB of the event stream, which has room for 600 MB." },
    });
  });
});
