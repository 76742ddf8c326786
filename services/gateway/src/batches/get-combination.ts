import { create } from "@bufbuild/protobuf";
import {
  type CombinationDetails,
  CombinationDetailsSchema,
  type CombinationPlanned,
  type CombinationRendered,
  CombinationState,
  type GetCombinationRequest,
  outputUrlPath,
  Stage,
} from "@polyreel/contract";
import { factAt } from "@polyreel/platform/nats/follow.js";
import type { Call, Scope } from "../call/call.js";
import type { KnownCombination } from "../read-model/read-model.js";
import { isLive } from "../read-model/status.js";
import { stepsOf } from "./combination-steps.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";
import { knownCombination } from "./known-combination.js";
import { outputStatus, type TrackedStep } from "./output-status.js";
import type { StepProgress } from "./waiting-work.js";

/** Every batch has one output today. */
const VIDEO = "video";

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
  const active = isLive(batch.status.state) && !hasEnded(status.state);
  const plan = status.state === CombinationState.DELIVERED ? undefined : await planOf(deps, batchId, known);
  const steps = plan ? await track(deps, { batchId, scope, known, plan, active }) : [];
  const urlPath =
    status.urlPath ||
    (plan && isLaidOut(known) ? outputUrlPath(batchId, combinationId, plan.combination?.fileName) : "");
  return create(CombinationDetailsSchema, {
    status,
    outputs: [outputStatus({ name: VIDEO, status, steps, active, urlPath })],
    warnings: (status.certificate ?? plan?.certificate ?? plan?.combination)?.warnings ?? [],
  });
}

const hasEnded = (state: CombinationState): boolean =>
  state === CombinationState.DELIVERED || state === CombinationState.FAILED;

/** Whether the newest attempt got as far as the layout. */
const isLaidOut = ({ plannedSequence, renderedSequence }: KnownCombination): boolean =>
  renderedSequence > plannedSequence;

/** What names a combination's parts; of one that is laid out also the certificate. */
type Plan = Pick<CombinationPlanned, "combination"> &
  Partial<Pick<CombinationPlanned, "again"> & Pick<CombinationRendered, "certificate">>;

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
  readonly scope: Scope;
  readonly known: KnownCombination;
  readonly plan: Plan;
  readonly active: boolean;
}

/** A combination's steps, each with how far it is; parts come first. */
async function track(
  { model, waiting }: Deps,
  { batchId, scope, known, plan, active }: Tracked,
): Promise<TrackedStep[]> {
  const steps = plan.combination ? stepsOf(plan.combination) : [];
  const laidOut = isLaidOut(known);
  const names = steps.flatMap(({ part }) => part ?? []);
  const states = laidOut ? [] : await model.partStates(batchId, names, scope);
  return steps.map((step, i): TrackedStep => {
    const progress = active ? waiting.progressOf(batchId, step) : {};
    const made = states[i] === "made" || states[i] === "reused";
    const done = step.part ? laidOut || (made && !isRebuilt(plan, progress)) : laidOut && step.stage === Stage.JOIN;
    return { ...step, ...progress, done };
  });
}

/** The read model keeps a part's best state of all attempts: only its progress shows that it is being rebuilt. */
const isRebuilt = ({ again }: Plan, { fraction = 1 }: StepProgress): boolean => again === true && fraction < 1;
