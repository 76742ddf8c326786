import type { Combination, OutputPlan } from "@polyreel/contract";
import type { Work } from "@polyreel/pipeline";
import type { FactMessage } from "@polyreel/platform/stream";

export type Planned = FactMessage<"combination.planned">;

/** An output on its way: its plan, the combination, and how its work gives way to others'. */
export interface OutputWork {
  readonly planned: Planned;
  readonly combination: Combination;
  readonly plan: OutputPlan;
  readonly work: Pick<Work, "signal" | "span">;
  /** Waits for parts without holding others up. */
  wait<T>(waiting: () => Promise<T>): Promise<T>;
  /** Makes it, once its parts are there, among a few at a time. */
  make<T>(making: () => Promise<T>): Promise<T>;
}
