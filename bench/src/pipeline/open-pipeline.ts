import { type Pipeline, startPipeline } from "@polyreel/tests/testing/pipeline.js";

/** All services, each a process of its own as on several machines, beside a nats-server; with a store and outputs of their own. */
export type OpenPipeline = Pipeline & AsyncDisposable;

/** Starts them, with these variables. They end, and what came of them goes, when it is disposed of. */
export async function openPipeline(env: NodeJS.ProcessEnv = {}): Promise<OpenPipeline> {
  const pipeline = await startPipeline(env);
  return { ...pipeline, [Symbol.asyncDispose]: () => pipeline.close() };
}

/** The same services for all who ask, started for the first of them and ended with this. */
export class SharedPipeline implements AsyncDisposable {
  #opened: Promise<OpenPipeline> | undefined;

  async open(): Promise<OpenPipeline> {
    this.#opened ??= openPipeline();
    return { ...(await this.#opened), [Symbol.asyncDispose]: async () => {} };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#opened)?.close();
  }
}
