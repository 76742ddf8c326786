import { CombinationState } from "./gen/polyreel/v1/batch_service_pb.js";

/** The states by their names in JSON and on the command line. */
export const combinationStates = {
  planned: CombinationState.PLANNED,
  rendered: CombinationState.RENDERED,
  delivered: CombinationState.DELIVERED,
  failed: CombinationState.FAILED,
  awaiting: CombinationState.AWAITING_APPROVAL,
  rejected: CombinationState.REJECTED,
} as const;

const names = new Map<CombinationState, string>(
  Object.entries(combinationStates).map(([name, state]) => [state, name]),
);

/** Name of a state: "awaiting". A state of a later release is "unknown". */
export const combinationStateName = (state: CombinationState): string => names.get(state) ?? "unknown";
