import { FailureCode } from "@polyreel/contract";
import { MAX_DELIVERIES } from "@polyreel/spec";
import type { CombinationRecord } from "../batch-record.js";
import { stepOf } from "../combination-state.js";
import type { CombinationsQuery } from "../read-model.js";

/** Number of codes that fit into a mark. */
const CODES = 64;
/** Below the marks of states. */
const FIRST = -1000;

/** The mark of a delivery that failed with a code, in the number space of choices. Stored, so it must not change. */
export const markOfFailure = (delivery: number, code: FailureCode): number => FIRST - (delivery * CODES + code);

/** Those of a failed combination: one per failed delivery. */
export const failureMarks = (record: CombinationRecord): number[] =>
  stepOf(record) === "failed"
    ? record.deliveries.flatMap((delivery, number) =>
        delivery?.step === "failed" ? markOfFailure(number, delivery.failure?.code ?? FailureCode.UNSPECIFIED) : [],
      )
    : [];

/** Marks of which a combination must have one; empty if it need not have failed. */
export function wantedFailures({ failureCodes = [], deliveries = [] }: CombinationsQuery): number[] {
  if (failureCodes.length === 0 && deliveries.length === 0) return [];
  const codes = failureCodes.length > 0 ? failureCodes : upTo(CODES);
  return (deliveries.length > 0 ? deliveries : upTo(MAX_DELIVERIES)).flatMap((delivery) =>
    codes.map((code) => markOfFailure(delivery, code)),
  );
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
