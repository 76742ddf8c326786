import { getEventListeners } from "node:events";
import { create } from "@bufbuild/protobuf";
import { OriginSchema } from "@polyreel/contract";
import { Sources } from "@polyreel/parts/sources";
import { FairSlots } from "@polyreel/pipeline";
import type { SourceNeed } from "@polyreel/planning/plan";
import { ResolvedInputs } from "@polyreel/planning/plan";
import type { Store } from "@polyreel/platform/blobs";
import { expect, it } from "vitest";
import { resolveSources } from "./resolve-inputs.js";

const need = (i: number): SourceNeed => ({
  kind: "source",
  sha256: i.toString(16).padStart(64, "0"),
  use: "media",
  origin: create(OriginSchema),
});

it("waits for probes of many sources without adding a listener to the batch's signal for each", async () => {
  const stop = new AbortController();
  const slots = new FairSlots(2);
  const hanging = { head: () => new Promise(() => {}) } as Partial<Store> as Store;
  const found = resolveSources(
    Array.from({ length: 50 }, (_, i) => need(i)),
    new ResolvedInputs(),
    {
      sources: new Sources(hanging, () => {}),
      fetch: async () => "",
      fetchesAtOnce: 8,
      probeTurn: (signal) => slots.acquire("b", signal),
      signal: stop.signal,
    },
  );
  await new Promise(setImmediate);
  expect(getEventListeners(stop.signal, "abort").length).toBeLessThan(3);
  stop.abort(new Error("gone"));
  await expect(Promise.all(found.values())).rejects.toThrow();
});
