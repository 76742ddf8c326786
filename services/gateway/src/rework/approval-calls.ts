import {
  ApprovalDecision,
  type ApproveCombinationsRequest,
  ApproveCombinationsRequestSchema,
  CombinationState,
  type RejectCombinationsRequest,
  RejectCombinationsRequestSchema,
  ReworkFrom,
} from "@polyreel/contract";
import type { KnownCombination } from "../read-model/read-model.js";
import { aboutOf } from "./about-request.js";
import type { ReworkRequest } from "./resume-batch.js";
import { type WorkedMessage, workedMessages } from "./work-items.js";

// Decisions about combinations that wait for approval, as resumed runs.

const { AWAITING_APPROVAL, REJECTED } = CombinationState;

/** Waiting ones are delivered as laid out; of those named by id also rejected ones. */
export function approvalOf(request: ApproveCombinationsRequest): ReworkRequest {
  const isNamed = (request.which?.combinationIds.length ?? 0) > 0;
  const states = isNamed ? [AWAITING_APPROVAL, REJECTED] : [AWAITING_APPROVAL];
  return {
    ...aboutOf(ApproveCombinationsRequestSchema, request),
    rework: { from: ReworkFrom.RENDERED, decision: ApprovalDecision.APPROVED },
    choosing: {
      state: AWAITING_APPROVAL,
      namedStates: states,
      messagesOf: (combination) => layoutsIn(combination, states),
      otherwise: "neither waits for approval nor was rejected",
    },
  };
}

/** Waiting ones end undelivered. */
export const rejectionOf = (request: RejectCombinationsRequest): ReworkRequest => ({
  ...aboutOf(RejectCombinationsRequestSchema, request),
  rework: { from: ReworkFrom.RENDERED, decision: ApprovalDecision.REJECTED, reason: request.reason },
  choosing: {
    state: AWAITING_APPROVAL,
    messagesOf: (combination) => layoutsIn(combination, [AWAITING_APPROVAL]),
    otherwise: "does not wait for approval",
  },
});

/** The layouts of deliveries in these states. */
const layoutsIn = (combination: KnownCombination, states: readonly CombinationState[]): WorkedMessage[] =>
  workedMessages(combination, ({ state, renderedSequence }) =>
    states.includes(state) ? renderedSequence || undefined : undefined,
  );
