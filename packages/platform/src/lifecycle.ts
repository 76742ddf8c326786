import { toPolyreelError } from "./errors.js";
import { createLog } from "./log.js";

/** Something that was started and can be ended. `close` is called once; it resolves when nothing is left behind. */
export interface Running {
  close(): Promise<void>;
}

/** What has been started, ended last-in first-out; an end that fails does not keep the others from ending. */
export class Releasers {
  readonly #stack: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  /** Remembers how to end something; returns nothing so that it reads as a statement. */
  add(release: () => unknown): void {
    this.#stack.push(release);
  }

  /** Remembers a running thing and hands it back. */
  use<T extends Running>(running: T): T {
    this.add(() => running.close());
    return running;
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

/** Starts something of several parts. Where a later one can't start, the earlier ones are ended. */
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
 * A service as a process: starts it, ends it on SIGTERM or SIGINT (a second signal, or 30 s, force it), and exits with 0
 * after a clean end, 1 otherwise.
 */
export async function runProcess(service: string, start: () => Promise<Running>): Promise<void> {
  const log = createLog(service, "info");
  let running: Running;
  try {
    running = await start();
  } catch (error) {
    const { failure } = toPolyreelError(error);
    log.fatal({ err: error, remedy: failure.remedy || undefined }, `could not start: ${failure.reason}`);
    process.exit(1);
  }
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  log.info({ signal }, "ending");
  const force = () => process.exit(1);
  process.once("SIGTERM", force);
  process.once("SIGINT", force);
  setTimeout(force, FORCE_AFTER_MS).unref();
  try {
    await running.close();
    process.exit(0);
  } catch (error) {
    log.error({ err: error }, "did not end cleanly");
    process.exit(1);
  }
}
