import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Releasers, type Running } from "@polyreel/platform/lifecycle.js";
import { startNatsServer } from "@polyreel/platform/nats/server.js";
import { openFolderStore } from "@polyreel/platform/store/folder-store.js";
import type { Store } from "@polyreel/platform/store/store.js";
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
}

/** All of Polyreel in this process. */
export interface Embedded extends Running {
  /** Of the API. */
  readonly url: string;
  readonly store: Store;
  /** Waits until what follows a batch's end (its manifest) is done too. */
  settled(signal: AbortSignal): Promise<void>;
}

const SETTLED_MS = 30_000;
const LOOK_MS = 20;
const MAX_STREAM_BYTES = 10 * 1024 ** 3;

/** Starts a private nats-server and the five services, as they run by themselves: only their configuration is ours. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const releasers = new Releasers();
  const loading = loadServices();
  loading.catch(() => {}); // told below, unless the server's failure comes first
  try {
    const { natsFolder } = options;
    const nats = releasers.use(
      await startNatsServer({ program: options.natsProgram, ...(natsFolder ? { folder: natsFolder } : {}) }),
    );
    const env = await environment(options, nats.url);
    const store = await openFolderStore(options.storeFolder);
    const { gateway, uploader } = await startAll(await loading, env, releasers);
    return {
      url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${gateway.port}`,
      store,
      settled: async (signal) => {
        for (const until = Date.now() + SETTLED_MS; Date.now() < until && !(await uploader.idle()); ) {
          await sleep(LOOK_MS, undefined, { signal });
        }
      },
      close: () => releasers.close(),
    };
  } catch (error) {
    await releasers.close();
    throw error;
  }
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

/** Starts the services at the same time. Where one does not start, `releasers` still ends those that did. */
async function startAll(services: Services, env: NodeJS.ProcessEnv, releasers: Releasers) {
  const started = async <T extends Running>(starting: Promise<T>): Promise<T> => releasers.use(await starting);
  const gateway = started(services.startGateway(env));
  const uploader = started(services.startUploader(env));
  const others = [services.startPlanner(env), services.startTts(env), services.startRenderer(env)].map(started);
  const failed = (await Promise.allSettled([gateway, uploader, ...others])).find(({ status }) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return { gateway: await gateway, uploader: await uploader };
}
