import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import {
  type Combination,
  type CombinationCost,
  type CombinationDetails,
  CombinationDetailsSchema,
  CombinationState,
  type DeliveryStatus,
  type GetCombinationRequest,
  type OutputPlan,
  outputPlansOf,
  outputUrlPath,
  renderedPlan,
  Stage,
} from "@polyreel/contract";
import { type FactMessage, factAt } from "@polyreel/platform/stream";
import type { Call, Scope } from "../call/call.js";
import type { PartState } from "../read-model/batch-record.js";
import type { KnownCombination, KnownDelivery } from "../read-model/read-model.js";
import { isLive } from "../read-model/status.js";
import { type PlannedStep, stepsOf } from "./combination-steps.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";
import { knownCombination } from "./known-combination.js";
import { outputStatus, type TrackedStep } from "./output-status.js";
import type { StepProgress } from "./waiting-work.js";

type Deps = Pick<BatchDeps, "model" | "stream" | "broker" | "waiting" | "costs">;

/**
 * One combination and its progress. Throws PolyreelError `not_found` also if it is not planned yet, `unavailable` if
 * the stream cannot be asked for its parts.
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
  const isDelivered = status.state === CombinationState.DELIVERED;
  // What is delivered is told also while the stream is away.
  const planned = isDelivered && !deps.broker.there ? new Map<number, Plan>() : await plansOf(deps, batchId, known);
  const plans = isDelivered ? new Map<number, Plan>() : planned;
  const waited = known.deliveries.filter((delivery) => !isLaidOut(delivery)).map(({ number }) => plans.get(number));
  const states = await statesOf(deps, batchId, waited, scope);
  const outputs = status.outputs.map((output, i) => {
    const active = isActive && !SETTLED_STATES.has(output.state);
    const laidOut = known.deliveries[i] !== undefined && isLaidOut(known.deliveries[i]);
    const plan = plans.get(output.delivery);
    const steps = plan ? track(deps.waiting, { batchId, plan, states, active, laidOut }) : [];
    return outputStatus({ output, steps, active, urlPath: urlPathOf(output, laidOut, plan) });
  });
  const certificates = status.outputs.flatMap(({ certificate }) => certificate ?? []);
  const ofSound = certificates.find(({ operation }) => operation.case === "join" || operation.case === "audio");
  const { warnings = [] } = ofSound ?? [...plans.values()].at(-1)?.combination ?? {};
  // Without the store, or if it is slow, everything else is told.
  const costing = costOf(deps, { batchId, tenant: batch.status.tenant }, known, planned).catch(() => undefined);
  const cost = await Promise.race([costing, delay(COST_WITHIN_MS, undefined, { ref: false })]);
  return create(CombinationDetailsSchema, { status, outputs, warnings, ...(cost && { cost }) });
}

async function costOf(
  { stream, costs }: Deps,
  batch: { readonly batchId: string; readonly tenant: string },
  { deliveries }: KnownCombination,
  plans: ReadonlyMap<number, Plan>,
): Promise<CombinationCost | undefined> {
  if (plans.size === 0) return undefined;
  const sequences = new Set(deliveries.filter(isLaidOut).map(({ renderedSequence }) => renderedSequence));
  const rendered = await Promise.all(Array.from(sequences, (sequence) => factAt(stream, sequence)));
  const own = rendered.map((message) => (message?.name === "combination.rendered" ? message.fact.coreSeconds : 0));
  const ownCoreSeconds = own.reduce((sum, seconds) => sum + seconds, 0);
  return costs.of({ ...batch, steps: [...plans.values()].flatMap(({ steps }) => steps), ownCoreSeconds });
}

const COST_WITHIN_MS = 2000;

/** From the layout on: before a delivery states it, it is derived from the plan. */
function urlPathOf({ urlPath, delivery }: DeliveryStatus, laidOut: boolean, plan: Plan | undefined): string {
  if (urlPath !== "" || !laidOut || !plan) return urlPath;
  const { batchId, combination, output } = plan;
  const fileName = output?.fileName || (delivery === 0 || output ? combination.fileName : "");
  return fileName && outputUrlPath(batchId, combination.id, fileName);
}

/** Outputs that have ended, or wait for approval. */
const SETTLED_STATES: ReadonlySet<CombinationState> = new Set([
  CombinationState.DELIVERED,
  CombinationState.REJECTED,
  CombinationState.FAILED,
  CombinationState.AWAITING_APPROVAL,
]);

/** Whether the newest attempt reached the layout. */
const isLaidOut = ({ plannedSequence, renderedSequence }: KnownDelivery): boolean => renderedSequence > plannedSequence;

/** The plan of a delivery, which names its parts. */
interface Plan {
  readonly batchId: string;
  readonly combination: Combination;
  /** Its parts may be rebuilt. */
  readonly again: boolean;
  /** Unknown if the fact names none, from a release with one output per batch. */
  readonly output: OutputPlan | undefined;
  readonly steps: readonly PlannedStep[];
}

/** By number of the delivery. Missing if it failed before it was planned, or if the stream no longer has the fact. */
async function plansOf(
  { stream, broker }: Deps,
  batchId: string,
  { status, deliveries }: KnownCombination,
): Promise<Map<number, Plan>> {
  const plans = new Map<number, Plan>();
  const facts = new Map<number, FactMessage | undefined>();
  for (const { number, plannedSequence, renderedSequence } of deliveries) {
    const sequence = plannedSequence || renderedSequence;
    if (sequence === 0) continue;
    broker.assertThere();
    if (!facts.has(sequence)) facts.set(sequence, await factAt(stream, sequence));
    const message = facts.get(sequence);
    if (message?.name !== "combination.planned" && message?.name !== "combination.rendered") continue;
    const { combination } = message.fact;
    if (message.batchId !== batchId || combination?.id !== status.id) continue;
    const all = message.name === "combination.planned" ? outputPlansOf(message.fact) : [renderedPlan(message.fact)];
    const output = all.find(({ targets }) => targets.some(({ delivery }) => delivery === number));
    const again = message.name === "combination.planned" && message.fact.again;
    plans.set(number, { batchId, combination, again, output, steps: stepsOf(combination, output) });
  }
  return plans;
}

/** States of the parts of plans, by hash. */
async function statesOf(
  { model }: Deps,
  batchId: string,
  plans: readonly (Plan | undefined)[],
  scope: Scope,
): Promise<ReadonlyMap<string, PartState | undefined>> {
  const parts = new Map(
    plans.flatMap((plan) => plan?.steps.flatMap(({ part }) => (part ? [[part.hash, part] as const] : [])) ?? []),
  );
  const names = [...parts.values()];
  const states = names.length > 0 ? await model.partStates(batchId, names, scope) : [];
  return new Map(names.map(({ hash }, i) => [hash, states[i]]));
}

interface Tracked {
  readonly batchId: string;
  readonly plan: Plan;
  /** By hash of the part. */
  readonly states: ReadonlyMap<string, PartState | undefined>;
  readonly active: boolean;
  readonly laidOut: boolean;
}

/** The steps of an output with their progress. */
const track = (waiting: Deps["waiting"], { batchId, plan, states, active, laidOut }: Tracked): TrackedStep[] =>
  plan.steps.map((step): TrackedStep => {
    const progress = active ? waiting.progressOf(batchId, step) : {};
    const state = step.part && states.get(step.part.hash);
    const made = state === "made" || state === "reused";
    const done = step.part ? laidOut || (made && !isRebuilt(plan, progress)) : laidOut && step.stage === Stage.JOIN;
    return { ...step, ...progress, done };
  });

/** The read model keeps a part's best state of all attempts: only its progress shows that it is being rebuilt. */
const isRebuilt = ({ again }: Plan, { fraction = 1 }: StepProgress): boolean => again && fraction < 1;
