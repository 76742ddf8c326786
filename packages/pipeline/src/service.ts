import { composed, PolyreelError, type Running } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { openStore } from "@polyreel/platform/blobs";
import type { CommonConfig } from "@polyreel/platform/runtime";
import { createLog, type Log } from "@polyreel/platform/runtime";
import {
  closeConnection,
  connectNats,
  createPublisher,
  type EventStream,
  type NatsConnection,
  openStream,
  type Publisher,
} from "@polyreel/platform/stream";
import { createTelemetry, type Telemetry } from "@polyreel/platform/telemetry";
import { LiveBatches } from "./live-batches.js";

/** Dependencies of every service. */
export interface Platform extends Running {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly batches: LiveBatches;
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** Opens a service's dependencies; closing it closes all of them, and sends the last spans. */
export function openPlatform(service: string, config: CommonConfig): Promise<Platform> {
  return composed(async (releasers) => {
    const log = createLog(service, config.logLevel, process[config.logStream]);
    const telemetry = releasers.use(await createTelemetry(service, config.telemetry, log));
    const store = await openStore(config.store);
    await store.ping();
    releasers.add(() => store.traffic && log.debug({ ...store.traffic }, "traffic with the store"));
    const connection = await connectNats({ url: config.natsUrl, name: service, log });
    releasers.add(() => closeConnection(connection));
    const { streamMaxBytes: maxBytes, streamReplicas: replicas, ackWaitMs, outageWaitMs } = config;
    const stream = await openStream(connection, { maxBytes, replicas, ackWaitMs, outageWaitMs });
    const batches = releasers.use(await LiveBatches.follow(stream, log));
    const publisher = createPublisher(stream, batches);
    const close = () => releasers.close();
    return {
      stream,
      publisher,
      batches,
      store,
      telemetry,
      log,
      failed: Promise.race([closedForGood(connection), releasers.failed]),
      close,
    };
  });
}

/** A lost connection reconnects without limit, unless the server refuses it: our credentials are no longer valid. */
const closedForGood = (connection: NatsConnection): Promise<Error> =>
  connection.closed().then(
    (error) =>
      new PolyreelError(
        "unavailable",
        {
          reason: "The event stream (NATS) has closed the connection.",
          remedy: "Check NATS_URL and its credentials.",
        },
        { cause: error },
      ),
  );
