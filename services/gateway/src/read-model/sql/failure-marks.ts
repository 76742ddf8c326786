import { FailureCode } from "@polyreel/contract";
import { MAX_DELIVERIES } from "@polyreel/spec";
import type { CombinationRecord } from "../batch-record.js";
import { stepOf } from "../combination-state.js";
import type { CombinationsAsked } from "../read-model.js";

/** Codes that fit into a mark. */
const CODES = 64;
/** Below the marks of states. */
const FIRST = -1000;

/** What stands for a delivery that failed with a code, where choices have their numbers. Stored, so it stays as it is. */
export const markOfFailure = (delivery: number, code: FailureCode): number => FIRST - (delivery * CODES + code);

/** Those of a combination that failed: one for each delivery that did. */
export const failureMarks = (record: CombinationRecord): number[] =>
  stepOf(record) === "failed"
    ? record.deliveries.flatMap((delivery, number) =>
        delivery?.step === "failed" ? markOfFailure(number, delivery.failure?.code ?? FailureCode.UNSPECIFIED) : [],
      )
    : [];

/** Of which a combination must have one to be asked for; none where it need not have failed. */
export function wantedFailures({ failureCodes = [], deliveries = [] }: CombinationsAsked): number[] {
  if (failureCodes.length === 0 && deliveries.length === 0) return [];
  const codes = failureCodes.length > 0 ? failureCodes : upTo(CODES);
  return (deliveries.length > 0 ? deliveries : upTo(MAX_DELIVERIES)).flatMap((delivery) =>
    codes.map((code) => markOfFailure(delivery, code)),
  );
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
