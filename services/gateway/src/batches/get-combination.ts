import { create } from "@bufbuild/protobuf";
import {
  type CombinationDetails,
  CombinationDetailsSchema,
  type CombinationPlanned,
  type CombinationRendered,
  CombinationState,
  type DeliveryStatus,
  type GetCombinationRequest,
  outputUrlPath,
  Stage,
} from "@polyreel/contract";
import { factAt } from "@polyreel/platform/nats/follow.js";
import type { Call } from "../call/call.js";
import type { PartState } from "../read-model/batch-record.js";
import type { KnownCombination, KnownDelivery } from "../read-model/read-model.js";
import { isLive } from "../read-model/status.js";
import { type PlannedStep, stepsOf } from "./combination-steps.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";
import { knownCombination } from "./known-combination.js";
import { outputStatus, type TrackedStep } from "./output-status.js";
import type { StepProgress } from "./waiting-work.js";

type Deps = Pick<BatchDeps, "model" | "stream" | "broker" | "waiting">;

/**
 * What is known of one combination, and how far it is. Throws PolyreelError `not_found` also while it is not planned yet,
 * `unavailable` where the stream cannot be asked for its parts.
 */
export async function getCombination(
  deps: Deps,
  { batchId, combinationId }: GetCombinationRequest,
  { scope }: Pick<Call, "scope">,
): Promise<CombinationDetails> {
  const batch = await knownBatch(deps.model, batchId, scope);
  const known = await knownCombination(deps.model, batchId, combinationId, scope);
  const { status } = known;
  const isActive = isLive(batch.status.state);
  const plan = status.state === CombinationState.DELIVERED ? undefined : await planOf(deps, batchId, known);
  const steps = plan?.combination ? stepsOf(plan.combination) : [];
  const names = steps.flatMap(({ part }) => part ?? []);
  const states = known.deliveries.every(isLaidOut) ? [] : await deps.model.partStates(batchId, names, scope);
  const outputs = status.outputs.map((output, i) => {
    const active = isActive && !hasEnded(output.state);
    const laidOut = known.deliveries[i] !== undefined && isLaidOut(known.deliveries[i]);
    const tracked = plan ? track(deps.waiting, { batchId, plan, steps, states, active, laidOut }) : [];
    return outputStatus({ output, steps: tracked, active, urlPath: urlPathOf(output, laidOut, plan) });
  });
  const certificates = status.outputs.flatMap(({ certificate }) => certificate ?? []);
  const ofSound = certificates.find(({ operation }) => operation.case === "join" || operation.case === "audio");
  const { warnings = [] } = ofSound ?? plan?.combination ?? {};
  return create(CombinationDetailsSchema, { status, outputs, warnings });
}

/** From the layout on; of the first output it follows from the plan before a delivery states it. */
function urlPathOf({ urlPath, delivery }: DeliveryStatus, laidOut: boolean, plan: Plan | undefined): string {
  if (urlPath !== "" || !laidOut || !plan?.combination) return urlPath;
  const fileName = plan.outputPlan?.targets.some((target) => target.delivery === delivery)
    ? plan.outputPlan.fileName || plan.combination.fileName
    : delivery === 0
      ? plan.combination.fileName
      : "";
  return fileName && outputUrlPath(plan.batchId, plan.combination.id, fileName);
}

const hasEnded = (state: CombinationState): boolean =>
  state === CombinationState.DELIVERED || state === CombinationState.FAILED;

/** Whether the newest attempt got as far as the layout. */
const isLaidOut = ({ plannedSequence, renderedSequence }: KnownDelivery): boolean => renderedSequence > plannedSequence;

/** What names a combination's parts; of one that is laid out also the certificate. */
type Plan = Pick<CombinationPlanned, "batchId" | "combination"> &
  Partial<Pick<CombinationPlanned, "again"> & Pick<CombinationRendered, "outputPlan">>;

/** Undefined where it failed before it was planned, or the stream no longer holds the fact: its batch is being deleted. */
async function planOf({ stream, broker }: Deps, batchId: string, known: KnownCombination): Promise<Plan | undefined> {
  const sequence = Math.max(known.plannedSequence, known.renderedSequence);
  if (sequence === 0) return undefined;
  broker.assertThere();
  const told = await factAt(stream, sequence);
  if (told?.name !== "combination.planned" && told?.name !== "combination.rendered") return undefined;
  return told.batchId === batchId && told.fact.combination?.id === known.status.id ? told.fact : undefined;
}

interface Tracked {
  readonly batchId: string;
  readonly plan: Plan;
  readonly steps: readonly PlannedStep[];
  /** Of the parts, which come first. */
  readonly states: readonly (PartState | undefined)[];
  readonly active: boolean;
  readonly laidOut: boolean;
}

/** The steps to an output, each with how far it is. */
const track = (waiting: Deps["waiting"], { batchId, plan, steps, states, active, laidOut }: Tracked): TrackedStep[] =>
  steps.map((step, i): TrackedStep => {
    const progress = active ? waiting.progressOf(batchId, step) : {};
    const made = states[i] === "made" || states[i] === "reused";
    const done = step.part ? laidOut || (made && !isRebuilt(plan, progress)) : laidOut && step.stage === Stage.JOIN;
    return { ...step, ...progress, done };
  });

/** The read model keeps a part's best state of all attempts: only its progress shows that it is being rebuilt. */
const isRebuilt = ({ again }: Plan, { fraction = 1 }: StepProgress): boolean => again === true && fraction < 1;
