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
    [10 ** 12, 10 ** 12, -1], // No limit.
  ])("with %i bytes used accepts a batch of %i into %i", async (bytes, batchBytes, maxBytes) => {
    await expect(assertStreamCapacity(streamOf(bytes, maxBytes), batchBytes)).resolves.toBeUndefined();
  });

  it.each([900, 1000])("refuses all with %i of 1000 bytes used", async (bytes) => {
    await expect(assertStreamCapacity(streamOf(bytes, 1000), 0)).rejects.toMatchObject({ code: "exhausted" });
  });

  it("refuses a batch that would not fit, with its size and the free space", async () => {
    await expect(assertStreamCapacity(streamOf(300e6, 1000e6), 2_345e6)).rejects.toMatchObject({
      code: "exhausted",
      failure: { reason: "The batch takes about 2,345 MB of the event stream, which has room for 600 MB." },
    });
  });
});
