import type { CombinationDetails } from "@polyreel/contract";

/** Frames a second; 0 if unknown. */
export function frameRateOf({ status }: CombinationDetails): number {
  const { operation } = status?.certificate ?? {};
  if (operation?.case !== "join" || operation.value.frameStep === 0) return 0;
  return operation.value.timescale / operation.value.frameStep;
}
