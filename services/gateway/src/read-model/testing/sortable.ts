import type { MessageInitShape } from "@bufbuild/protobuf";
import { type ChosenSchema, FailureCode } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { factMessage, submitted } from "./fact-messages.js";

/** Distance of ordinals, so that a few combinations spread over several bitmaps. */
const APART = 61;

/**
 * Facts of a batch of combinations in all states, in no order, with many equal ends, lengths and sizes. Blocks: "digit"
 * with ten choices, the slowest of them "half" with two, and "rare", of which the last combination has a unique choice.
 * `deliveries`: number of deliveries of some failed ones. Without `approval` none waits for it or was rejected.
 */
export function sortable(
  count: number,
  { deliveries = 2, approval = true }: { readonly deliveries?: 1 | 2; readonly approval?: boolean } = {},
): FactMessage[] {
  const facts: FactMessage[] = [factMessage(...submitted("b1", "acme", 1), 1)];
  const add = (...[name, init]: [Parameters<typeof factMessage>[0], object]) =>
    facts.push(factMessage(name, init as never, facts.length + 1));
  for (let i = 0; i < count; i++) {
    const n = (i * 7) % count; // A permutation if count is not divisible by 7.
    const choices = choicesOf(n, count);
    const id = `c${n}`;
    const ordinal = BigInt(n * APART);
    const join = { videoSeconds: 1.1 + (n % 3) };
    const operation = { case: "join" as const, value: join };
    // Every other one as in releases with one output per batch.
    const certificate = { sizeBytes: BigInt(1000 - (n % 7)), ...(n % 2 ? { operation } : join) };
    add("combination.planned", { attempt: 1, combination: { id, ordinal, choices } });
    if (n % 4 === 1) add("combination.rendered", { attempt: 1, combination: { id, ordinal, choices }, certificate });
    if (approval && n % 12 === 4) {
      const outputPlan = { targets: [{ awaitsApproval: true }] };
      add("combination.rendered", { attempt: 1, combination: { id, ordinal, choices }, certificate, outputPlan });
    }
    if (approval && n % 12 === 8) add("combination.rejected", { attempt: 1, combinationId: id, ordinal, choices });
    if (n % 4 === 2) {
      // Every third one as in releases without codes.
      const code = [FailureCode.UNSPECIFIED, FailureCode.UNAVAILABLE, FailureCode.SOURCE_INVALID][n % 3];
      const failed = { attempt: 1, combinationId: id, ordinal, choices };
      const isRare = n > count - 8;
      // Every other one is the fault of a choice, or has two deliveries, which fail with different codes.
      const digit = { block: "digit", choice: String(n % 10) };
      if (n % 8 === 2 || deliveries === 1)
        add("combination.failed", { ...failed, failure: { reason: "No.", code, ...digit } });
      else {
        const other = isRare ? FailureCode.INTERNAL : n % 3 ? FailureCode.RESOURCE_EXHAUSTED : FailureCode.UNAVAILABLE;
        for (const [i, one] of [code, other].entries()) {
          const about = { ...failed, deliveries: 1n << BigInt(i), deliveryCount: 2 };
          add("combination.failed", { ...about, failure: { reason: "No.", code: one } });
        }
      }
    }
    if (n % 4 === 3) {
      add("combination.delivered", { attempt: 1, combinationId: id, ordinal, choices, path: `${n}.mp4`, certificate });
    }
  }
  // Some ended at the same time.
  return facts.map((one) => ({ ...one, time: new Date(Math.floor(one.sequence / 5) * 5000) }));
}

const choicesOf = (n: number, count: number): MessageInitShape<typeof ChosenSchema>[] => [
  { block: "half", choice: n < count / 2 ? "first" : "second" },
  { block: "digit", choice: String(n % 10) },
  { block: "rare", choice: n === count - 1 ? "only" : "common" },
];
