import { once } from "node:events";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Releasers, type Running } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { openFolderStore } from "@polyreel/platform/blobs";
import { keepNatsServer, type ServerEvent } from "@polyreel/platform/stream";
import { wholeEnvironment } from "../config.js";
import { loadServices, type Services } from "./services.js";

export interface EmbeddedOptions {
  natsProgram: string;
  /** Where facts lie; a temporary folder, gone at the end, where left out. */
  natsFolder?: string;
  /** Where the read model is kept; in memory where left out. */
  databaseFolder?: string;
  storeFolder: string;
  outFolder: string;
  host: string;
  /** 0: a free one. */
  port: number;
  logLevel: string;
  /** Gives up the start. */
  signal: AbortSignal;
  /** The event stream's server ended, or was started again. */
  onServerEvent?: (event: ServerEvent) => void;
}

/** All of Polyreel in this process. */
export interface Embedded extends Running {
  /** Of the API. */
  readonly url: string;
  readonly store: Store;
  /** Resolves when one of its parts cannot go on. */
  readonly failed: Promise<Error>;
  /** Waits until what follows a batch's end (its manifest) is done too. */
  settled(signal: AbortSignal): Promise<void>;
}

const SETTLED_MS = 30_000;
const LOOK_MS = 20;
/** A start that is given up has this long to come to its end, and then ends in order. */
const ABANDONED_MS = 2_000;
/** Services have this long to end by themselves when the event stream is gone for good. */
const GIVEN_UP_MS = 3_000;
const MAX_STREAM_BYTES = 10 * 1024 ** 3;

/** Starts a private nats-server and the five services, as they run by themselves: only their configuration is ours. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const releasers = new Releasers();
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const loading = loadServices();
  loading.catch(() => {}); // told below, unless the server's failure comes first
  try {
    const { natsFolder, natsProgram, onServerEvent } = options;
    const nats = releasers.use(
      await keepNatsServer({
        program: natsProgram,
        folder: natsFolder,
        ...(onServerEvent && { onEvent: onServerEvent }),
      }),
    );
    const env = await environment(options, nats.url);
    const store = await openFolderStore(options.storeFolder);
    const services = new Set<Running>();
    releasers.add(() => Promise.race([closeTogether(services), givenUp(nats.failed)]));
    const starting = startAll(await loading, env, (service) => {
      services.add(service);
      void service.failed?.then(fail);
    });
    starting.catch(() => {}); // the first cause may be another one
    const { gateway, uploader } = await Promise.race([starting, rejection(nats.failed), abandoned(options.signal)]);
    return {
      url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${gateway.port}`,
      store,
      settled: async (signal) => {
        for (const until = Date.now() + SETTLED_MS; Date.now() < until && !(await uploader.idle()); ) {
          await sleep(LOOK_MS, undefined, { signal });
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

/** Rejects some time after the signal aborts: a start that is under way is short, unless it waits for something. */
async function abandoned(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  await sleep(ABANDONED_MS, undefined, { ref: false });
  throw signal.reason;
}

/** What the services read, over what the environment says otherwise (their limits, and where traces go). */
async function environment(options: EmbeddedOptions, natsUrl: string): Promise<NodeJS.ProcessEnv> {
  const { bavail, bsize } = await statfs(options.natsFolder ?? tmpdir());
  const maxBytes = Math.min(MAX_STREAM_BYTES, Math.floor((bavail * bsize) / 2));
  return {
    POLYREEL_STREAM_MAX_BYTES: String(maxBytes),
    ...wholeEnvironment(),
    NATS_URL: natsUrl,
    POLYREEL_STORE: options.storeFolder,
    // A stream that is gone at the end must not take the place of another one's in a database that lasts.
    ...(!options.databaseFolder && { DATABASE_URL: "" }),
    GATEWAY_DATABASE: options.databaseFolder ?? "",
    POLYREEL_OUTPUT: options.outFolder,
    GATEWAY_HOST: options.host,
    GATEWAY_PORT: String(options.port),
    LOG_LEVEL: options.logLevel,
    LOG_STREAM: "stderr", // standard output is for results
  };
}

/** Resolves some time after the event stream has failed: without it services wait in vain to give their work back. */
async function givenUp(failed: Promise<Error>): Promise<void> {
  await failed;
  await sleep(GIVEN_UP_MS);
}

/** Ends services, which do not depend on each other, at the same time. */
async function closeTogether(services: ReadonlySet<Running>): Promise<void> {
  const ended = await Promise.allSettled([...services].map((service) => service.close()));
  const errors = ended.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, "Not every service could be ended.");
}

/** Starts the services at the same time. `onStarted` gets each that did, also where another does not start. */
async function startAll(services: Services, env: NodeJS.ProcessEnv, onStarted: (service: Running) => void) {
  const started = async <T extends Running>(starting: Promise<T>): Promise<T> => {
    const service = await starting;
    onStarted(service);
    return service;
  };
  const gateway = started(services.startGateway(env));
  const uploader = started(services.startUploader(env));
  const others = [services.startPlanner(env), services.startTts(env), services.startRenderer(env)].map(started);
  const failed = (await Promise.allSettled([gateway, uploader, ...others])).find(({ status }) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return { gateway: await gateway, uploader: await uploader };
}
