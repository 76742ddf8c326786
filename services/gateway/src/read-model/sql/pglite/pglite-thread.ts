import { once } from "node:events";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { Answer, Request } from "./pglite-messages.js";

/** The compiled worker: a thread cannot run the TypeScript sources. */
const WORKER = createRequire(import.meta.url).resolve("@polyreel/gateway/read-model/sql/pglite/worker.js");

interface Waiting {
  resolve(answer: NonNullable<Answer["result"]>): void;
  reject(error: Error): void;
}

/** PGlite over a folder, in a separate thread. */
export class PgliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #ended: Error | undefined;

  constructor(folder: string) {
    this.#worker = new Worker(WORKER, { workerData: { folder } });
    this.#worker.on("message", ({ id, result, failure }: Answer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (failure) waiting?.reject(Object.assign(new Error(failure.message), { code: failure.code }));
      else waiting?.resolve(result ?? { rows: [], affectedRows: undefined });
    });
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(new Error("The database has been closed.")));
  }

  query(sql: string, params: readonly unknown[]): Promise<NonNullable<Answer["result"]>> {
    return this.#ask({ sql, params });
  }

  /** All writes are on disk when this resolves. */
  async close(): Promise<void> {
    const exited = once(this.#worker, "exit");
    await this.#ask({ close: true });
    await exited;
  }

  #ask(request: Omit<Request, "id">): Promise<NonNullable<Answer["result"]>> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended); // A thread that has ended never answers.
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request } satisfies Request);
    });
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
