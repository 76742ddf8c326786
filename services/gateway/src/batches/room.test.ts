import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { describe, expect, it } from "vitest";
import { assertRoom } from "./room.js";

const streamOf = (bytes: number, maxBytes: number) =>
  ({
    manager: { streams: { info: async () => ({ state: { bytes }, config: { max_bytes: maxBytes } }) } },
  }) as unknown as EventStream;

describe("assertRoom", () => {
  it.each([
    [0, 1000],
    [899, 1000],
    [10 ** 12, -1], // no limit
  ])("lets batches in at %i bytes of %i", async (bytes, maxBytes) => {
    await expect(assertRoom(streamOf(bytes, maxBytes))).resolves.toBeUndefined();
  });

  it.each([900, 1000])("refuses them at %i bytes of 1000", async (bytes) => {
    await expect(assertRoom(streamOf(bytes, 1000))).rejects.toMatchObject({ code: "exhausted" });
  });
});
