import { readFileSync } from "node:fs";
import { PolyreelError } from "../errors.js";
import { signalGroup } from "./orphans.js";

/** Time between SIGTERM and SIGKILL. */
const GRACE_MS = 2_000;

export interface Watched {
  readonly program: string;
  /** It leads a separate process group. */
  readonly pid: number;
  /** Aborts when the result is no longer wanted. */
  readonly signal: AbortSignal;
  readonly deadlineSeconds: number;
  readonly stallSeconds: number;
  /**
   * Source of progress: calls of `moved`; or, for programs without reports until their end, CPU usage (known on Linux
   * only; elsewhere only their deadline limits them).
   */
  readonly progress: "reported" | "processor";
  /** Remedies for exceeding the deadline, and for a stall. */
  readonly remedies: { readonly late: string; readonly stalled: string };
}

/**
 * Watches a program from its start to its end: stops it when its signal aborts, its deadline passes, it makes no progress,
 * or `stop` is called. The first cause counts. It gets SIGTERM, then SIGKILL; the rest of its group is killed when it has
 * ended.
 */
export class Watchdog implements Disposable {
  // An aborted controller keeps its first reason, so the first cause wins.
  readonly #end = new AbortController();
  readonly #watched: Watched;
  readonly #deadline: NodeJS.Timeout;
  #stall: NodeJS.Timeout | undefined;
  #kill: NodeJS.Timeout | undefined;
  #used: number | undefined;
  #exited = false;

  constructor(watched: Watched) {
    this.#watched = watched;
    const { program, pid, signal, deadlineSeconds, stallSeconds, progress, remedies } = watched;
    this.#deadline = setTimeout(
      () => this.stop(tooLong(program, deadlineSeconds, remedies.late)),
      deadlineSeconds * 1000,
    );
    this.#used = progress === "processor" ? processorTicks(pid) : undefined;
    if (progress === "reported" || this.#used !== undefined) {
      this.#stall = setTimeout(() => this.#onStall(), stallSeconds * 1000);
    }
    signal.addEventListener("abort", this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  /** Aborts with the cause when the watchdog stops the program. */
  get stopped(): AbortSignal {
    return this.#end.signal;
  }

  /** It made progress. */
  moved(): void {
    this.#stall?.refresh();
  }

  stop(cause: unknown): void {
    if (this.#end.signal.aborted) return;
    if (!this.#exited) {
      signalGroup(this.#watched.pid, "SIGTERM");
      this.#kill = setTimeout(() => signalGroup(this.#watched.pid, "SIGKILL"), GRACE_MS);
    }
    this.#end.abort(cause);
  }

  /**
   * To be called when the program has exited; kills the rest of its group. No signal is sent later, when its process id may
   * belong to another process.
   */
  endGroup(): void {
    if (this.#exited) return;
    this.#exited = true;
    clearTimeout(this.#kill);
    signalGroup(this.#watched.pid, "SIGKILL");
  }

  [Symbol.dispose](): void {
    this.#watched.signal.removeEventListener("abort", this.#onAbort);
    clearTimeout(this.#deadline);
    clearTimeout(this.#stall);
    this.endGroup();
  }

  readonly #onAbort = (): void => this.stop(cancelled(this.#watched.signal));

  #onStall(): void {
    const { pid, program, stallSeconds, remedies } = this.#watched;
    const used = this.#used === undefined ? undefined : processorTicks(pid);
    if (used !== undefined && used !== this.#used) {
      this.#used = used;
      this.#stall?.refresh();
    } else this.stop(stalled(program, stallSeconds, remedies.stalled));
  }
}

const TICKS_A_SECOND = 100;

/** CPU seconds of a process, all threads together; undefined if unknown, or if it has ended. */
export function processorSeconds(pid: number): number | undefined {
  const ticks = processorTicks(pid);
  return ticks === undefined ? undefined : ticks / TICKS_A_SECOND;
}

/** CPU ticks of a process (proc(5): utime and stime); undefined if unknown. */
function processorTicks(pid: number): number | undefined {
  try {
    // Its name, in parentheses, may contain any characters.
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, "").trim().split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return undefined;
  }
}

/** The error for an aborted signal. */
export function cancelled({ reason }: AbortSignal): PolyreelError {
  return reason instanceof PolyreelError
    ? reason
    : new PolyreelError("cancelled", "It was cancelled.", { cause: reason });
}

const tooLong = (program: string, seconds: number, remedy: string): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `${program} was stopped: it took longer than ${Math.round(seconds)} s.`,
    remedy,
  });

const stalled = (program: string, seconds: number, remedy: string): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `${program} was stopped: it made no progress for ${Math.round(seconds)} s.`,
    remedy,
  });
