import { composed, PolyreelError, Releasers, type Running, VERSION } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { openStore } from "@polyreel/platform/blobs";
import { count, openOps, show } from "@polyreel/platform/metrics";
import type { CommonConfig } from "@polyreel/platform/runtime";
import { createLog, type Log } from "@polyreel/platform/runtime";
import {
  closeConnection,
  connectNats,
  createPublisher,
  type EventStream,
  inboxPrefixOf,
  joinStream,
  type NatsConnection,
  openStream,
  type Publisher,
} from "@polyreel/platform/stream";
import { createTelemetry, exportLogs, type Telemetry } from "@polyreel/platform/telemetry";
import { LiveBatches } from "./live-batches.js";

/** Dependencies of every service. */
export interface Platform extends Running {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly batches: LiveBatches;
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Adds a condition of readiness: what the service lacks, if anything. */
  requires(lacking: () => string | undefined): void;
}

export interface PlatformOptions {
  /** Declares the stream of facts and its buckets, as gateways alone do; others wait for them. */
  readonly declaresStream?: boolean;
}

/**
 * Opens a service's dependencies; closing it closes all of them, and sends the last spans. `service`: as in
 * "polyreel-planner".
 */
export function openPlatform(
  service: string,
  config: CommonConfig,
  { declaresStream = false }: PlatformOptions = {},
): Promise<Platform> {
  return composed(async (releasers) => {
    const output = process[config.logStream];
    const exported = await exportLogs(service, config.telemetry, output);
    if (exported) releasers.use(exported);
    const log = createLog(service, config.logLevel, output, exported);
    let isStarted = false;
    const lacking: (() => string | undefined)[] = [() => (isStarted ? undefined : "it is starting")];
    const lacks = () => lacking.map((one) => one()).find((what) => what !== undefined);
    // First: a service that waits for others when it starts is alive.
    releasers.use(await openOps(config.ops, { service, version: VERSION, lacks }));
    const telemetry = releasers.use(await createTelemetry(service, config.telemetry, log));
    const store = await openStore(config.store);
    await store.ping();
    releasers.add(() => store.traffic && log.debug({ ...store.traffic }, "traffic with the store"));
    releasers.use(showTraffic(store));
    const { natsUrl: url, natsAccess: access } = config;
    const inboxPrefix = inboxPrefixOf(service.replace(/^polyreel-/, ""));
    const connection = await connectNats({ url, access, name: service, inboxPrefix, log });
    releasers.add(() => closeConnection(connection));
    const { streamMaxBytes: maxBytes, streamReplicas: replicas, ackWaitMs, outageWaitMs } = config;
    const waits = { ackWaitMs, outageWaitMs };
    const stream = declaresStream
      ? await openStream(connection, { maxBytes, replicas, ...waits })
      : await joinStream(connection, waits, log);
    const { broker } = stream;
    releasers.use(show("polyreel.nats.connected", () => [{ value: broker.there ? 1 : 0, attributes: { service } }]));
    broker.on("change", (there) => {
      if (!there) count("polyreel.nats.disconnects", { service });
    });
    lacking.push(() => (broker.there ? undefined : "NATS cannot be reached"));
    const batches = releasers.use(await LiveBatches.follow(stream, log));
    const publisher = createPublisher(stream, batches);
    isStarted = true;
    const close = () => releasers.close();
    return {
      stream,
      publisher,
      batches,
      store,
      telemetry,
      log,
      requires: (one) => void lacking.push(one),
      failed: Promise.race([closedForGood(connection), releasers.failed]),
      close,
    };
  });
}

function showTraffic({ traffic }: Store): Running {
  const shown = new Releasers();
  if (!traffic) return shown;
  shown.use(
    show("polyreel.store.requests", () =>
      Object.entries(traffic.requests).map(([method, value]) => ({
        value,
        attributes: { "http.request.method": method },
      })),
    ),
  );
  shown.use(
    show("polyreel.store.io", () => [
      { value: traffic.sentBytes, attributes: { direction: "sent" } },
      { value: traffic.receivedBytes, attributes: { direction: "received" } },
    ]),
  );
  return shown;
}

/** A lost connection reconnects without limit, unless the server refuses it: our credentials are no longer valid. */
const closedForGood = (connection: NatsConnection): Promise<Error> =>
  connection.closed().then(
    (error) =>
      new PolyreelError(
        "unavailable",
        {
          reason: "The event stream (NATS) has closed the connection.",
          remedy:
            "Check NATS_URL and its credentials, or those of POLYREEL_NATS_NKEY_FILE, POLYREEL_NATS_CREDS or POLYREEL_NATS_USER.",
        },
        { cause: error },
      ),
  );
