import { create } from "@bufbuild/protobuf";
import {
  CombinationState,
  type ListCombinationsRequest,
  type ListCombinationsResponse,
  ListCombinationsResponseSchema,
} from "@polyreel/contract";
import type { Call } from "../call/call.js";
import { linkCombinations } from "../links/link-combinations.js";
import { lifetimeMsOf } from "../links/link-lifetime.js";
import { type CombinationPosition, positionOf } from "../read-model/combination-order.js";
import { assertChoices } from "./assert-choices.js";
import { combinationOrderOf } from "./combination-order-by.js";
import { deliveriesOfOutputs } from "./deliveries-of-outputs.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";
import { foreignToken, type Place, pageToken, readPageToken } from "./page-token.js";

const DEFAULT_PAGE_SIZE = 100;

/** A page of a batch's combinations. */
export async function listCombinations(
  deps: Pick<BatchDeps, "model" | "links" | "stream" | "log" | "store">,
  { batchId, choices, orderBy, ...request }: ListCombinationsRequest,
  { scope, signal }: Pick<Call, "scope" | "signal">,
): Promise<ListCombinationsResponse> {
  const { model, store } = deps;
  const order = combinationOrderOf(orderBy);
  const failureCodes = [...new Set(request.failureCodes)].sort((a, b) => a - b);
  // Only failed combinations have a code, so the index by state can be used.
  const causes = request.causes.map(({ block, choice, code, stage }) => ({ block, choice, code, stage }));
  const ofFailures = failureCodes.length > 0 || causes.length > 0;
  const state = request.state || (ofFailures ? CombinationState.FAILED : CombinationState.UNSPECIFIED);
  const wanted = choices.map(({ block, choice }) => JSON.stringify([block, choice])).sort();
  const query = [
    "combinations",
    batchId,
    state,
    wanted,
    order.state ?? "",
    order.key,
    order.direction,
    ...(failureCodes.length > 0 ? [failureCodes] : []),
    ...(request.outputs.length > 0 ? [[...new Set(request.outputs)].sort()] : []),
    ...(causes.length > 0 ? [{ causes }] : []),
  ];
  const place = readPageToken(request.pageToken, query);
  const token = place && positionAt(place);
  const batch = await knownBatch(model, batchId, scope);
  const listed = deliveriesOfOutputs(batch.outputs, request.outputs, "outputs");
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  const deliveries = state === CombinationState.FAILED ? listed : [];
  const whole = {
    scope,
    state,
    choices,
    failureCodes,
    deliveries,
    causes,
    order,
    after: undefined,
    limit: pageSize + 1,
  };
  const skip = token ? 0 : Number(request.skip);
  const skipped = skip > 0 ? await model.positionOfNth(batchId, whole, skip) : undefined;
  const after = token ?? skipped;
  const isBeyond = skip > 0 && !skipped;
  const found = isBeyond ? [] : await model.combinations(batchId, { ...whole, after });
  if (found.length === 0 && !after) await assertChoices(store, batch, choices, "choices");
  const page = found.slice(0, pageSize).map(({ status }) => status);
  const last = found.length > pageSize ? page.at(-1) : undefined;
  if (listed.length > 0) {
    for (const one of page) one.outputs = one.outputs.filter(({ delivery }) => listed.includes(delivery));
  }
  if (request.links) {
    const options = { tenant: batch.status.tenant, lifetimeMs: lifetimeMsOf(request.linkLifetime) };
    await linkCombinations(deps, page, options, signal);
  }
  return create(ListCombinationsResponseSchema, {
    combinations: page,
    ...(request.total && { totalSize: BigInt(await model.countCombinations(batchId, whole)) }),
    ...(last && { nextPageToken: pageToken(query, placeOf(positionOf(last, order))) }),
  });
}

const placeOf = ({ state, value, ordinal }: CombinationPosition): Place => [state, value ?? null, ordinal];

function positionAt([state, value, ordinal, ...more]: Place): CombinationPosition {
  const isNumber = typeof value === "number" || value === null;
  if (!isState(state) || !isNumber || !Number.isSafeInteger(ordinal) || more.length > 0) throw foreignToken();
  return { state, value: value ?? undefined, ordinal: Number(ordinal) };
}

const isState = (state: unknown): state is CombinationState =>
  typeof state === "number" && CombinationState[state] !== undefined;
