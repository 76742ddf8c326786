import { STREAM } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import { Releasers, type Running } from "@polyreel/platform";
import { show } from "@polyreel/platform/metrics";
import type { ReadModel } from "./read-model/read-model.js";

/** Shows the event stream, and how far the read model is behind it. */
export function showReadModel(model: Pick<ReadModel, "progress">, { stream, batches }: Platform): Running {
  // A request without NATS takes seconds, in which the other metrics would be missing.
  const info = async () => {
    if (!stream.broker.there) throw new Error("NATS cannot be reached");
    return stream.manager.streams.info(STREAM);
  };
  const shown = new Releasers();
  shown.use(show("polyreel.stream.used", async () => [{ value: (await info()).state.bytes, attributes: {} }]));
  shown.use(show("polyreel.stream.limit", async () => [{ value: (await info()).config.max_bytes, attributes: {} }]));
  shown.use(
    show("polyreel.projection.lag", async () => {
      const { last_seq } = (await info()).state;
      return [{ value: Math.max(0, last_seq - model.progress.sequence), attributes: {} }];
    }),
  );
  shown.use(show("polyreel.batches.live", () => [{ value: batches.ids.length, attributes: {} }]));
  return shown;
}
