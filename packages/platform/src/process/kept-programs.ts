import pLimit from "p-limit";
import { PolyreelError } from "../errors.js";
import type { KeptProgram } from "./kept-program.js";
import { cancelled } from "./watchdog.js";

/** An idle program is ended after this time: each takes some 70 MB, and what it has loaded. */
const IDLE_MS = 30_000;
/** A program is replaced after this many jobs: what it leaks is bounded. */
const JOBS_EACH = 2_000;

type Program<Job, Made> = Pick<KeptProgram<Job, Made, never>, "make" | "isUsable" | "close">;

interface Idle<Job, Made> {
  readonly program: Program<Job, Made>;
  readonly done: number;
  /** What the last job needed loaded. */
  readonly loaded: string;
  readonly timer: NodeJS.Timeout;
}

interface Options<Job, Made> {
  /** Programs at the same time. */
  readonly processes: number;
  readonly start: () => Program<Job, Made>;
  /** What a job needs loaded: the program that had it last is preferred. */
  readonly needs?: (job: Job) => string;
}

/** Programs of one kind, kept between jobs; as many as may work at the same time. */
export class KeptPrograms<Job, Made> {
  readonly #limit;
  readonly #idle: Idle<Job, Made>[] = [];
  readonly #all = new Set<Program<Job, Made>>();
  #isClosed = false;

  constructor(private readonly options: Options<Job, Made>) {
    this.#limit = pLimit(options.processes);
  }

  /** Does a job. Throws PolyreelError: those of the kind of program, `unavailable` if the program was ended. */
  make(job: Job, signal: AbortSignal): Promise<Made> {
    return this.#limit(async () => {
      if (signal.aborted) throw cancelled(signal);
      if (this.#isClosed) throw new PolyreelError("cancelled", "The service is stopping.");
      const needed = this.options.needs?.(job) ?? "";
      const { program, done } = this.#take(needed);
      try {
        return await program.make(job, signal);
      } finally {
        this.#put(program, done + 1, needed);
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    await Promise.all([...this.#all].map((program) => program.close()));
  }

  /** Otherwise the most recently used one, so that others become idle. */
  #take(needed: string): Pick<Idle<Job, Made>, "program" | "done"> {
    while (this.#idle.length > 0) {
      const at = this.#idle.findLastIndex(({ loaded }) => loaded === needed);
      const [idle] = this.#idle.splice(at, 1) as [Idle<Job, Made>]; // -1 is the last one.
      clearTimeout(idle.timer);
      if (idle.program.isUsable) return idle;
      this.#drop(idle.program);
    }
    const program = this.options.start();
    this.#all.add(program);
    return { program, done: 0 };
  }

  #put(program: Program<Job, Made>, done: number, loaded: string): void {
    if (this.#isClosed || !program.isUsable || done >= JOBS_EACH) {
      this.#drop(program);
      return;
    }
    const timer = setTimeout(() => this.#drop(program), IDLE_MS).unref();
    this.#idle.push({ program, done, loaded, timer });
  }

  #drop(program: Program<Job, Made>): void {
    const at = this.#idle.findIndex((idle) => idle.program === program);
    if (at >= 0) this.#idle.splice(at, 1);
    void program.close().finally(() => this.#all.delete(program));
  }
}
