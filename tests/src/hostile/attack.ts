import type { Pipeline } from "../testing/pipeline.js";

/** A request designed to be expensive, or to provoke an unclear answer. */
export interface Attack {
  readonly name: string;
  /** Sends it; returns what is wrong with the answer. */
  run(context: AttackContext): Promise<string | undefined>;
}

export interface AttackContext {
  readonly pipeline: Pipeline;
  /** SHA-256 of a good film. */
  readonly good: string;
  /** A URL on loopback that must not be requested. */
  readonly baitUrl: string;
}

/** Limit for answers to attacks; the deadline is for those without an answer. */
export const ANSWER_MS = 10_000;
