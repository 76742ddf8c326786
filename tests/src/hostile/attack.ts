import type { Pipeline } from "../testing/pipeline.js";

/** A request made to cost much, or to be answered with something that says nothing. */
export interface Attack {
  readonly name: string;
  /** Sends it; gives what is wrong with its answer, in words. */
  run(context: AttackContext): Promise<string | undefined>;
}

export interface AttackContext {
  readonly pipeline: Pipeline;
  /** SHA-256 of a good film. */
  readonly good: string;
  /** An address on loopback that must not be asked. */
  readonly baitUrl: string;
}

/** Every attack must be answered within this time; its deadline is for what never is. */
export const ANSWER_MS = 10_000;
