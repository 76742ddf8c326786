import {
  type Combination,
  deliveriesIn,
  deliveryMessageId,
  type PartRequested,
  type RequestedKind,
  shortCount,
  shortMask,
  type Target,
} from "@polyreel/contract";
import type { PolyreelError } from "@polyreel/platform";
import type { Publisher } from "@polyreel/platform/stream";
import { activeTraceId, failSpan } from "@polyreel/platform/telemetry";

/** A combination whose deliveries fail, all for the same reason. */
export interface FailedCombination {
  readonly batchId: string;
  readonly attempt: number;
  readonly combination: Pick<Combination, "id" | "ordinal" | "choices">;
  /** Targets of its deliveries; those that do not fail are ignored. */
  readonly targets: readonly Pick<Target, "delivery" | "folder">[];
  /** Deliveries that fail: bit n for delivery n; 0n for all. */
  readonly mask: bigint;
  /** Number of all deliveries of the combination. */
  readonly deliveryCount: number;
  readonly failure: PolyreelError["failure"];
}

/** Publishes `combination.failed`, with the active trace. */
export async function publishCombinationFailed(
  publisher: Publisher,
  { batchId, attempt, combination, targets, mask, deliveryCount, failure }: FailedCombination,
): Promise<void> {
  const { id: combinationId, ordinal, choices } = combination;
  const numbers = deliveriesIn(mask, deliveryCount);
  const folders = new Set(targets.flatMap(({ delivery, folder }) => (numbers.includes(delivery) ? folder : [])));
  const [folder = ""] = folders.size === 1 ? folders : [];
  const deliveries = shortMask(mask, deliveryCount);
  const about = { combinationId, ordinal, choices, folder, deliveries, deliveryCount: shortCount(deliveryCount) };
  const id = deliveryMessageId(combinationId, numbers[0] ?? 0);
  failSpan(failure);
  const failed = { batchId, attempt, ...about, failure, traceId: activeTraceId() };
  await publisher.publish("combination.failed", failed, { id, attempt });
}

/** Publishes that a requested part can't be made. `id`: the message id. */
export async function publishPartFailed(
  publisher: Publisher,
  kind: RequestedKind,
  { batchId, attempt, hash }: Pick<PartRequested, "batchId" | "attempt" | "hash">,
  failure: PolyreelError["failure"],
  id: string,
): Promise<void> {
  failSpan(failure);
  await publisher.publish(`${kind}.failed`, { batchId, attempt, hash, failure }, { id, attempt });
}
