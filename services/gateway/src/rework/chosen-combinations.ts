import { type Chosen, CombinationState, FailureCode, type WhichCombinations } from "@polyreel/contract";
import { type ErrorCode, PolyreelError } from "@polyreel/platform";
import { deliveriesOfOutputs } from "../batches/deliveries-of-outputs.js";
import { knownBatch } from "../batches/known-batch.js";
import { COMBINATIONS } from "../batches/known-combination.js";
import type { Scope } from "../call/call.js";
import { BY_ORDINAL, type CombinationPosition, positionOf } from "../read-model/combination-order.js";
import { causeOf, type FailureCause, isAmongCauses } from "../read-model/failure-cause.js";
import type { KnownCombination, ReadModel } from "../read-model/read-model.js";
import { onlyFor, type WorkedMessage } from "./work-items.js";

/** Which of the named combinations are selected. */
export interface Choosing {
  /** In this state; UNSPECIFIED for any. */
  readonly state: CombinationState;
  /** For those named by id, instead of `state`. */
  readonly namedStates?: readonly CombinationState[];
  /** Among failed ones those with a delivery that failed with one of these codes; empty for any. */
  readonly failureCodes?: readonly FailureCode[];
  /** Among failed ones those with a delivery that failed for one of these causes; empty for any. */
  readonly causes?: readonly FailureCause[];
  /** The messages to republish; empty: not selected. */
  messagesOf(combination: KnownCombination): readonly WorkedMessage[];
  /** Why one that was named by id is not selected. */
  readonly otherwise: string;
}

export interface ChosenCombination {
  readonly combination: KnownCombination;
  readonly messages: readonly WorkedMessage[];
}

const PAGE = 1000;

/**
 * The selected ones, by ordinal, with their messages for the selected outputs. Throws PolyreelError `invalid` for an
 * unknown id or output, and `precondition` if the state of one that is named by id does not allow it.
 */
export async function* chosenCombinations(
  model: ReadModel,
  { batchId, scope }: { readonly batchId: string; readonly scope: Scope },
  which: WhichCombinations | undefined,
  choosing: Choosing,
): AsyncGenerator<ChosenCombination> {
  const { combinationIds = [], choices = [], outputs = [] } = which ?? {};
  const batch = await knownBatch(model, batchId, scope);
  const wanted = deliveriesOfOutputs(batch.outputs, outputs, "which.outputs");
  if (combinationIds.length > 0) {
    yield* await named(model, { batchId, scope }, { combinationIds, choices, wanted }, choosing);
    return;
  }
  const { state, failureCodes = [], causes = [] } = choosing;
  const deliveries = state === CombinationState.FAILED ? wanted : [];
  const query = { scope, state, failureCodes, deliveries, causes, choices, order: BY_ORDINAL, limit: PAGE };
  for (let after: CombinationPosition | undefined; ; ) {
    const page = await model.combinations(batchId, { ...query, after });
    for (const combination of page) {
      const messages = onlyFor(choosing.messagesOf(combination), wanted, combination);
      if (messages.length > 0) yield { combination, messages };
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = positionOf(last.status, BY_ORDINAL);
  }
}

interface Named {
  readonly combinationIds: readonly string[];
  readonly choices: readonly Chosen[];
  /** Numbers of the selected deliveries; empty: all. */
  readonly wanted: readonly number[];
}

async function named(
  model: ReadModel,
  { batchId, scope }: { readonly batchId: string; readonly scope: Scope },
  { combinationIds, choices, wanted }: Named,
  { state, namedStates = [state], failureCodes = [], causes = [], messagesOf, otherwise }: Choosing,
): Promise<ChosenCombination[]> {
  const found: ChosenCombination[] = [];
  for (const id of new Set(combinationIds)) {
    const combination = await model.combination(batchId, id, scope);
    if (!combination) throw refused("invalid", `The batch has no combination ${JSON.stringify(id)}.`);
    if (!hasChoices(combination, choices) || !failedWith(combination, failureCodes, causes)) continue;
    const inState = namedStates.some((one) => one === CombinationState.UNSPECIFIED || one === combination.status.state);
    const all = inState ? messagesOf(combination) : [];
    if (all.length === 0) throw refused("precondition", `Combination ${id} ${otherwise}.`);
    const messages = onlyFor(all, wanted, combination);
    if (messages.length > 0) found.push({ combination, messages });
  }
  return found.sort((a, b) => Number(a.combination.status.ordinal - b.combination.status.ordinal));
}

/** One that has not failed is not selected, and refused for that reason. */
const failedWith = (
  { status, deliveries }: KnownCombination,
  codes: readonly FailureCode[],
  causes: readonly FailureCause[],
): boolean =>
  status.state !== CombinationState.FAILED ||
  deliveries.some(
    (delivery) =>
      delivery.state === CombinationState.FAILED &&
      (codes.length === 0 || codes.includes(delivery.failure?.code ?? FailureCode.UNSPECIFIED)) &&
      isAmongCauses(causeOf(delivery, status.choices), causes),
  );

/** Any of the given choices of a block, and all of the given blocks. */
function hasChoices({ status: { choices } }: KnownCombination, wanted: readonly Chosen[]): boolean {
  const blocks = new Set(wanted.map(({ block }) => block));
  return [...blocks].every((block) => {
    const label = choices.find((chosen) => chosen.block === block)?.choice;
    return wanted.some((chosen) => chosen.block === block && chosen.choice === label);
  });
}

const refused = (code: ErrorCode, reason: string): PolyreelError =>
  new PolyreelError(code, {
    field: "which.combination_ids",
    reason,
    remedy: COMBINATIONS,
  });
