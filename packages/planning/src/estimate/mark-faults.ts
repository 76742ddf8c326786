import type { Failure, Output } from "@polyreel/contract";
import { markSource } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import type { Blueprint } from "../plan/blueprint.js";
import { Marks, watermarkOf } from "../plan/marks.js";
import type { SourceNeed } from "../plan/source-needs.js";
import type { PartialKnowledge } from "./certain-failures.js";
import { outputFault } from "./output-fault.js";

/** Why outputs cannot be made of any combination: watermarks that are known to be unusable. */
export function markFaults({ batch, marks }: Blueprint, knowledge: PartialKnowledge): Failure[] {
  return batch.outputs.flatMap((output, number) => {
    try {
      requireMark(output, marks[number], knowledge);
      return [];
    } catch (error) {
      return [outputFault(output, number, error)];
    }
  });
}

/** Throws PolyreelError `invalid` for a watermark that is known to be unusable. */
export function requireMark(output: Output, need: SourceNeed | undefined, knowledge: PartialKnowledge): void {
  const watermark = watermarkOf(output);
  const source = need && knowledge.source(need);
  if (source instanceof PolyreelError && knowledge.isUnknown?.(source)) return;
  if (watermark) markSource(new Marks([need], knowledge).resolved(watermark, 0));
}
