import { once } from "node:events";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Releasers, type Running } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { openStore } from "@polyreel/platform/blobs";
import { keepNatsServer, type ServerEvent } from "@polyreel/platform/stream";
import { wholeEnvironment } from "../config.js";
import { storeConfig } from "../store/store-address.js";
import { loadServices, type Services } from "./services.js";

export interface EmbeddedOptions {
  natsProgram: string;
  /** Folder of the event stream; a temporary one, removed at the end, by default. */
  natsFolder?: string;
  /** Folder of the read model's database; in memory by default. */
  databaseFolder?: string;
  /** A folder, or `s3://bucket/prefix`. */
  store: string;
  outFolder: string;
  host: string;
  /** 0 picks a free port. */
  port: number;
  logLevel: string;
  /** Cancels the start. */
  signal: AbortSignal;
  /** Called when the event stream's server ends unexpectedly, or has been restarted. */
  onServerEvent?: (event: ServerEvent) => void;
}

/** All of Polyreel, running in this process. */
export interface Embedded extends Running {
  /** Address of the API. */
  readonly url: string;
  readonly store: Store;
  /** Resolves when one of the services, or the event stream, fails for good. */
  readonly failed: Promise<Error>;
  /** Resolves once everything that follows the end of a batch (its manifest) is written. */
  settled(signal: AbortSignal): Promise<void>;
}

const SETTLED_MS = 30_000;
const POLL_MS = 20;
/** A cancelled start gets this long to finish, so that it can be closed in order. */
const CANCELLED_START_GRACE_MS = 2_000;
/** After the event stream is gone for good, services get this long to end by themselves. */
const STREAM_FAILURE_GRACE_MS = 3_000;
const MAX_STREAM_BYTES = 10 * 1024 ** 3;

/**
 * Starts a private nats-server and the five services; they run as they do standalone, with the configuration given
 * here.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const releasers = new Releasers();
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  try {
    const { natsFolder, natsProgram, onServerEvent } = options;
    const nats = releasers.use(
      await keepNatsServer({
        program: natsProgram,
        folder: natsFolder,
        // Loading keeps this thread busy, so it starts only when the server can start beside it. A failure is reported below.
        onSpawned: () => void loadServices().catch(() => {}),
        ...(onServerEvent && { onEvent: onServerEvent }),
      }),
    );
    const env = await environment(options, nats.url);
    const store = await openStore(storeConfig(options.store));
    const services = new Set<Running>();
    releasers.add(() => Promise.race([closeTogether(services), afterStreamFailure(nats.failed)]));
    const starting = startAll(await loadServices(), env, (service) => {
      services.add(service);
      void service.failed?.then(fail);
    });
    starting.catch(() => {}); // The first cause of failure may be another one.
    const { gateway, uploader } = await Promise.race([
      starting,
      rejection(nats.failed),
      cancelledStart(options.signal),
    ]);
    return {
      url: gateway.url,
      store,
      settled: async (signal) => {
        for (const until = Date.now() + SETTLED_MS; Date.now() < until && !(await uploader.idle()); ) {
          await sleep(POLL_MS, undefined, { signal });
        }
      },
      failed: Promise.race([releasers.failed, failed]),
      close: () => releasers.close(),
    };
  } catch (error) {
    await releasers.close();
    throw error;
  }
}

const rejection = async (failed: Promise<Error>): Promise<never> => {
  throw await failed;
};

/** Rejects a while after the signal aborts: most starts under way end soon by themselves. */
async function cancelledStart(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  await sleep(CANCELLED_START_GRACE_MS, undefined, { ref: false });
  throw signal.reason;
}

/** The private server asks for no user and has no TLS. */
const PRIVATE_SERVER = {
  POLYREEL_NATS_NKEY_FILE: "",
  POLYREEL_NATS_CREDS: "",
  POLYREEL_NATS_USER: "",
  POLYREEL_NATS_PASSWORD_FILE: "",
  POLYREEL_NATS_CA: "",
  POLYREEL_NATS_CERT: "",
  POLYREEL_NATS_KEY: "",
};

/** The environment of the services: ours, over the user's (limits, telemetry). */
async function environment(options: EmbeddedOptions, natsUrl: string): Promise<NodeJS.ProcessEnv> {
  const { bavail, bsize } = await statfs(options.natsFolder ?? tmpdir());
  const maxBytes = Math.min(MAX_STREAM_BYTES, Math.floor((bavail * bsize) / 2));
  return {
    POLYREEL_STREAM_MAX_BYTES: String(maxBytes),
    ...wholeEnvironment(),
    NATS_URL: natsUrl,
    ...PRIVATE_SERVER,
    POLYREEL_STORE: options.store,
    // The stream is temporary here, so a persistent database must not record it as its source.
    // Nor can anything be sent again once it has ended.
    ...(!options.databaseFolder && { DATABASE_URL: "", POLYREEL_NOTIFICATIONS: "off" }),
    // Only this command uses that gateway, by an address that no certificate is for.
    ...(!options.databaseFolder && { POLYREEL_TLS_CERT: "", POLYREEL_TLS_KEY: "" }),
    GATEWAY_DATABASE: options.databaseFolder ?? "",
    POLYREEL_OUTPUT: options.outFolder,
    GATEWAY_HOST: options.host,
    GATEWAY_PORT: String(options.port),
    LOG_LEVEL: options.logLevel,
    LOG_STREAM: "stderr", // Standard output carries results only.
  };
}

/** Resolves a while after the event stream has failed: without it, services would wait in vain to hand back their work. */
async function afterStreamFailure(failed: Promise<Error>): Promise<void> {
  await failed;
  await sleep(STREAM_FAILURE_GRACE_MS);
}

/** Closes services concurrently; they do not depend on each other. */
async function closeTogether(services: ReadonlySet<Running>): Promise<void> {
  const ended = await Promise.allSettled([...services].map((service) => service.close()));
  const errors = ended.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, "Not every service could be ended.");
}

/** Starts the services concurrently. `onStarted` receives each one that started, even if another one failed. */
async function startAll(services: Services, env: NodeJS.ProcessEnv, onStarted: (service: Running) => void) {
  const started = async <T extends Running>(starting: Promise<T>): Promise<T> => {
    const service = await starting;
    onStarted(service);
    return service;
  };
  const gateway = started(services.startGateway(env));
  const uploader = started(services.startUploader(env));
  const others = [services.startPlanner(env), services.startTts(env), services.startRenderer(env)].map(started);
  const all = Promise.allSettled([gateway, uploader, ...others]);
  await gateway; // The others wait for what it declares: if it fails, they do not end.
  const failed = (await all).find(({ status }) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return { gateway: await gateway, uploader: await uploader };
}
