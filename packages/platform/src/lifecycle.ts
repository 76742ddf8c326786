import { toPolyreelError } from "./errors.js";
import { createLog } from "./runtime/log.js";
import { watchStrayErrors } from "./runtime/stray-errors.js";

/** Something that was started and can be closed. `close` is called once; it resolves when nothing is left behind. */
export interface Running {
  close(): Promise<void>;
  /** Resolves when it cannot continue: it must be closed and started again. */
  readonly failed?: Promise<Error>;
}

/** Resources to release in reverse order; a failing release does not prevent the others. */
export class Releasers {
  readonly #stack: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;
  #fail: (error: Error) => void = () => {};
  /** Resolves when the first of them cannot continue. */
  readonly failed = new Promise<Error>((resolve) => {
    this.#fail = resolve;
  });

  /** Registers a release; returns nothing so that it reads as a statement. */
  add(release: () => unknown): void {
    this.#stack.push(release);
  }

  /** Registers a running thing and returns it. */
  use<T extends Running>(running: T): T {
    this.add(() => running.close());
    void running.failed?.then(this.#fail);
    return running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    const errors: unknown[] = [];
    for (let release = this.#stack.pop(); release; release = this.#stack.pop()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "Not everything could be ended.");
  }
}

/** Starts something of several parts. If a later one fails to start, the earlier ones are closed. */
export async function composed<T>(start: (releasers: Releasers) => Promise<T>): Promise<T> {
  const releasers = new Releasers();
  try {
    return await start(releasers);
  } catch (error) {
    await releasers.close();
    throw error;
  }
}

const FORCE_AFTER_MS = 30_000;

/**
 * Runs a service as a process: starts it, closes it on SIGTERM or SIGINT (a second signal, or 30 s, force it), when it
 * cannot continue, or after an unhandled error, and exits with 0 after a requested and clean end, 1 otherwise.
 */
export async function runProcess(service: string, start: () => Promise<Running>): Promise<void> {
  const log = createLog(service, "info");
  // The reader of the log may be gone: the work continues without it.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  let running: Running;
  let escaped: Error | undefined;
  const stray = new Promise<Error>((resolve) => {
    watchStrayErrors(({ error, from, inWork }) => {
      log.fatal(
        { err: error, ...from, inWork },
        "an error that nothing handled; ending, what is in work is given back",
      );
      escaped ??= error;
      resolve(escaped);
    });
  });
  try {
    running = await Promise.race([start(), stray.then((error) => Promise.reject(error))]);
  } catch (error) {
    const { failure } = toPolyreelError(error);
    log.fatal({ err: error, remedy: failure.remedy || undefined }, `could not start: ${failure.reason}`);
    process.exit(1);
  }
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  const cause = await Promise.race([signalled, stray, ...(running.failed ? [running.failed] : [])]);
  if (!(cause instanceof Error)) log.info({ signal: cause }, "ending");
  else if (cause !== escaped) log.fatal({ err: cause }, "can't go on; ending");
  const force = () => process.exit(1);
  process.once("SIGTERM", force);
  process.once("SIGINT", force);
  setTimeout(force, FORCE_AFTER_MS).unref();
  try {
    await running.close();
    process.exit(cause instanceof Error ? 1 : 0);
  } catch (error) {
    log.error({ err: error }, "did not end cleanly");
    process.exit(1);
  }
}
