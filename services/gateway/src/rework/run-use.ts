import type { MessageInitShape } from "@bufbuild/protobuf";
import { type EstimateBatchResponse, ReworkFrom, type ReworkSchema } from "@polyreel/contract";
import { type BatchUse, estimatedUse, NO_USE } from "../usage/batch-use.js";

/** A run of a batch that works again on some of it. */
export interface RunWork {
  readonly rework: MessageInitShape<typeof ReworkSchema>;
  /** To be written, of all outputs together. */
  readonly deliveries: number;
  /** Outputs of a combination. */
  readonly outputs: number;
}

/**
 * What a run will use, by an estimate of its whole batch: all that is missing in the store, which are mostly parts of what
 * the run makes. With `force` the estimate is that of a store without parts.
 */
export function useOfRun(estimate: EstimateBatchResponse, { rework, deliveries, outputs }: RunWork): BatchUse {
  const whole = estimatedUse(estimate);
  const each = Number(estimate.outputBytes) / Math.max(1, Number(estimate.combinations) * outputs);
  const isWritten = whole.deliveredBytes > 0 || rework.written === true;
  const deliveredBytes = isWritten ? Math.ceil(each * deliveries) : 0;
  if (rework.from === ReworkFrom.RENDERED) return { ...NO_USE, deliveredBytes };
  if (!rework.respeak) return { ...whole, deliveredBytes };
  const speechCharacters = estimate.speech.reduce((sum, { characters }) => sum + Number(characters), 0);
  return { ...whole, deliveredBytes, speechCharacters };
}
