import { Priority } from "@polyreel/contract";
import type { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { createPublisher, type Publisher } from "@polyreel/platform/stream";
import { createTelemetry } from "@polyreel/platform/telemetry";
import { openPrivateStream } from "@polyreel/platform/testing";
import { LiveBatches } from "../live-batches.js";
import { type Stage, type StageDeps, type StageOptions, startStage } from "../stage.js";

export type Requested = "clip.requested";
type Options = Partial<StageOptions<Requested>> & Pick<StageOptions<Requested>, "name" | "handle">;

/** Dependencies of stages in tests, which react to requested clips. */
export interface Stages extends StageDeps {
  readonly publisher: Publisher;
  submit(batchId: string, priority?: Priority): ReturnType<Publisher["publishOnce"]>;
  request(batchId: string, hash: string): ReturnType<Publisher["publish"]>;
  /** Starts a stage with one slot; `other` replaces some of its dependencies. */
  start(options: Options, other?: Partial<StageDeps>): Stage;
}

/** Opens them on a private nats-server. */
export async function openStages(releasers: Releasers): Promise<Stages> {
  const log = createLog("test", "silent");
  const stream = await openPrivateStream(releasers);
  const telemetry = releasers.use(await createTelemetry("test", {}));
  const batches = releasers.use(await LiveBatches.follow(stream, log));
  const publisher = createPublisher(stream, batches);
  const deps = { stream, publisher, batches, telemetry, log };
  return {
    ...deps,
    submit: (batchId, priority = Priority.UNSPECIFIED) =>
      publisher.publishOnce("batch.submitted", { batchId, priority }),
    request: (batchId, hash) => publisher.publish("clip.requested", { batchId, hash }, { id: hash }),
    start: (options, other = {}) =>
      startStage<Requested>(
        { fact: "clip.requested", over: "live-batches", slots: 1, giveUp: async () => {}, ...options },
        { ...deps, ...other },
      ),
  };
}
