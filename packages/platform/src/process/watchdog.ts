import { readFileSync } from "node:fs";
import { PolyreelError } from "../errors.js";
import { signalGroup } from "./orphans.js";

/** After SIGTERM a program has this long to go by itself. */
const GRACE_MS = 2_000;

export interface Watched {
  readonly program: string;
  /** It leads a process group of its own. */
  readonly pid: number;
  /** Nobody wants it any more. */
  readonly signal: AbortSignal;
  readonly deadlineSeconds: number;
  readonly stallSeconds: number;
  /**
   * What counts as progress: what `moved` is told; or, of programs that say nothing until their end, that they use the
   * processor (known on Linux only; elsewhere their deadline is all there is).
   */
  readonly progress: "told" | "processor";
  /** What people can do about one that takes too long, and about one that stands still. */
  readonly remedies: { readonly late: string; readonly stalled: string };
}

/**
 * Watches a program from its start to its end: stops it when nobody wants it any more, when its deadline is over, when it
 * makes no progress, or when told to. The first cause counts. It is ended gently, then firmly; what is left of its group when
 * it has ended goes with it.
 */
export class Watchdog implements Disposable {
  // An aborted controller keeps its first reason: that is how the first cause wins.
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
    if (progress === "told" || this.#used !== undefined) {
      this.#stall = setTimeout(() => this.#onStall(), stallSeconds * 1000);
    }
    signal.addEventListener("abort", this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  /** Aborts with the cause when the program is being stopped. */
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
   * To be called when the program has exited: whatever it started in its group goes too. No signal is sent later, when its
   * process id may be another's.
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

/** Seconds of CPU that a process has used, all its threads together; undefined where that can't be told, or it is gone. */
export function processorSeconds(pid: number): number | undefined {
  const ticks = processorTicks(pid);
  return ticks === undefined ? undefined : ticks / TICKS_A_SECOND;
}

/** How much of the processor a process has used (proc(5): utime and stime); undefined where that can't be told. */
function processorTicks(pid: number): number | undefined {
  try {
    // Its name, in parentheses, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, "").trim().split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return undefined;
  }
}

/** What is thrown where nobody wants it any more. */
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
