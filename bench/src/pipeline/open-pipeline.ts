import { type Pipeline, startPipeline } from "@polyreel/tests/testing/pipeline.js";

/** All services, each a separate process as on several machines, beside a nats-server; with their own store and outputs. */
export type OpenPipeline = Pipeline & AsyncDisposable;

/** Starts them with these variables. Disposing of it ends them and removes their files. */
export async function openPipeline(env: NodeJS.ProcessEnv = {}): Promise<OpenPipeline> {
  const pipeline = await startPipeline(env);
  return { ...pipeline, [Symbol.asyncDispose]: () => pipeline.close() };
}

/** The same services for all users, started for the first one and ended with this. */
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
