import { setTimeout as sleep } from "node:timers/promises";
import { PolyreelError } from "../errors.js";
import { delayAfter } from "../flow/retry.js";
import type { Running } from "../lifecycle.js";
import { type NatsServer, openNatsFolder, startNatsServer } from "./server.js";

/** Limit for restarts within the window: a server that keeps ending is not restarted forever. */
const MAX_RESTARTS = 5;
const WINDOW_MS = 60_000;
/** Delays by the number of restarts in the window. */
const BACK_OFF = { firstMs: 100 };

/** An event of a server that should be running. */
export type ServerEvent =
  | { readonly kind: "ended"; readonly how: string }
  | { readonly kind: "restarted"; readonly afterMs: number };

export interface KeepOptions {
  /** Folder of its data; a temporary one, removed at the end, by default. */
  readonly folder?: string | undefined;
  readonly program?: string;
  /** Called once its process is started, before it listens; restarts are events. */
  readonly onSpawned?: () => void;
  readonly onEvent?: (event: ServerEvent) => void;
}

/** A nats-server that is restarted when it ends. */
export interface KeptNatsServer extends Running {
  /** The same after every restart: clients reconnect by themselves. */
  readonly url: string;
  /** Of the current process, or the last one. */
  readonly pid: number;
  /** Resolves when it ended too often, or cannot be restarted. */
  readonly failed: Promise<Error>;
}

/**
 * Starts a private nats-server, and restarts it with the same data and port whenever it ends by itself (killed for its
 * memory, say). Throws like `startNatsServer`.
 */
export async function keepNatsServer(options: KeepOptions): Promise<KeptNatsServer> {
  const { folder, program, onSpawned, onEvent = () => {} } = options;
  const temporary = folder === undefined ? await openNatsFolder() : undefined;
  const stop = new AbortController();
  const { signal } = stop;
  const start = (port?: number) =>
    startNatsServer({
      folder: folder ?? (temporary?.path as string),
      ...(program !== undefined && { program }),
      ...(port === undefined ? onSpawned && { onSpawned } : { port }),
      signal,
    });
  let server: NatsServer;
  try {
    server = await start();
  } catch (error) {
    await temporary?.close();
    throw error;
  }
  const { url } = server;
  const port = Number(new URL(url.includes("://") ? url : `nats://${url}`).port);

  /** Restarts it, unless that happened too often. The last failed start is the cause of giving up. */
  const restart = async (how: string, starts: number[]): Promise<void> => {
    const endedAt = performance.now();
    for (let cause: unknown = new Error(how); ; ) {
      const recent = starts.filter((at) => performance.now() - at < WINDOW_MS);
      if (recent.length >= MAX_RESTARTS) throw endedTooOften(recent.length, how, cause);
      starts.push(performance.now());
      await sleep(delayAfter(recent.length + 1, BACK_OFF), undefined, { signal });
      try {
        server = await start(port);
        onEvent({ kind: "restarted", afterMs: performance.now() - endedAt });
        return;
      } catch (error) {
        signal.throwIfAborted();
        cause = error;
      }
    }
  };
  const keep = async (): Promise<void> => {
    for (const starts: number[] = []; ; ) {
      const how = await server.ended;
      if (signal.aborted) return;
      onEvent({ kind: "ended", how });
      await server.close(); // Removes its leftovers.
      await restart(how, starts);
    }
  };
  const keeping = keep();
  const failed = new Promise<Error>((resolve) => {
    keeping.catch((error: Error) => signal.aborted || resolve(error));
  });
  return {
    url,
    get pid() {
      return server.pid;
    },
    failed,
    async close() {
      stop.abort();
      await server.close();
      await keeping.catch(() => {});
      await server.close(); // One that was just started.
      await temporary?.close();
    },
  };
}

const endedTooOften = (restarts: number, how: string, cause: unknown): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: `nats-server keeps ending: it was started again ${restarts} times in a minute (last: ${how}).`,
      remedy: "Look for what ends it (too little memory, a full disk), then start Polyreel again: its data is kept.",
    },
    { cause },
  );
