import type { Combination, OutputPlan } from "@polyreel/contract";
import type { Work } from "@polyreel/pipeline";
import type { FactMessage } from "@polyreel/platform/stream";

export type Planned = FactMessage<"combination.planned">;

/** An output in progress: its plan, the combination, and how its work yields to others. */
export interface OutputWork {
  readonly planned: Planned;
  readonly combination: Combination;
  readonly plan: OutputPlan;
  readonly work: Pick<Work, "signal" | "span">;
  /** Waits for parts without blocking other outputs. */
  wait<T>(waiting: () => Promise<T>): Promise<T>;
  /** Makes it once its parts exist, with limited concurrency. */
  make<T>(making: () => Promise<T>): Promise<T>;
  /** Adds measured core seconds to the combination's span: its own, without those of its parts. */
  spent(coreSeconds: number): void;
  /** Notes what making one of its parts took, perhaps for another batch, on the combination's span. */
  used(hash: string, coreSeconds: number): void;
}
