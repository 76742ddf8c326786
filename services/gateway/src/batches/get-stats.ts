import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import {
  BatchState,
  type GetStatsRequest,
  type GetStatsResponse,
  GetStatsResponseSchema,
  type LatencySchema,
} from "@polyreel/contract";
import { type Call, narrowed } from "../call/call.js";
import type { Percentiles, ReadModel } from "../read-model/read-model.js";

/** Statistics over all batches of the scope. */
export async function getStats(
  model: ReadModel,
  { tenant, dayBegan }: GetStatsRequest,
  { scope }: Pick<Call, "scope">,
  now = new Date(),
): Promise<GetStatsResponse> {
  await model.reached(0);
  const since = dayBegan ? timestampDate(dayBegan) : midnight(now);
  const { batches, combinations, today, queued, ...spans } = await model.stats({
    scope: narrowed(scope, tenant, "tenant"),
    dayBegan: since,
  });
  const inState = (state: BatchState) => BigInt(batches.get(state) ?? 0);
  return create(GetStatsResponseSchema, {
    batches: {
      planning: inState(BatchState.PLANNING),
      running: inState(BatchState.RUNNING),
      finished: inState(BatchState.FINISHED),
      cancelled: inState(BatchState.CANCELLED),
      deleting: inState(BatchState.DELETING),
      awaitingApproval: inState(BatchState.AWAITING_APPROVAL),
    },
    combinations: whole(combinations),
    today: whole(today),
    queued: whole(queued),
    waiting: latency(spans.waiting),
    encoding: latency(spans.encoding),
    joining: latency(spans.joining),
    delivery: latency(spans.delivery),
  });
}

/** In UTC: the callers' time zones are unknown. */
const midnight = (now: Date): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));

const whole = <Name extends string>(counts: Readonly<Record<Name, number>>): Record<Name, bigint> =>
  Object.fromEntries(Object.entries<number>(counts).map(([name, count]) => [name, BigInt(count)])) as Record<
    Name,
    bigint
  >;

const latency = ({ count, p50, p95 }: Percentiles): MessageInitShape<typeof LatencySchema> => ({
  count: BigInt(count),
  ...(p50 !== undefined && { p50Seconds: p50 }),
  ...(p95 !== undefined && { p95Seconds: p95 }),
});
