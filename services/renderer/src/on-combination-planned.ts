import {
  type Certificate,
  deliveriesPlanned,
  deliveryMessageId,
  maskOf,
  type OutputPlan,
  outputPlansOf,
  plannedDeliveries,
  shortCount,
} from "@polyreel/contract";
import { type Piece, type PublishedBefore, publishCombinationFailed, type Work } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import type { OutputWork, Planned } from "./outputs/output-work.js";
import { renderOutput } from "./outputs/render-output.js";
import type { Renderer } from "./service.js";

/**
 * Lays out, certifies and publishes each output of a combination as soon as its own parts exist: one that waits or
 * fails does not delay the others. Joins are not written here.
 */
export async function onCombinationPlanned(planned: Planned, work: Work, renderer: Renderer): Promise<void> {
  const { combination } = planned.fact;
  if (!combination) throw new PolyreelError("internal", "A planned combination is missing from its fact.");
  work.span.setAttribute("polyreel.combination.id", combination.id);
  const plans = outputPlansOf(planned.fact);
  const isOnly = plans.length === 1;
  // Several outputs must not share a slot: one that could be made would wait for the parts of another.
  if (!isOnly) work.leaveSlot();
  const outsideSlot: Work["outsideSlot"] = (wait) => (isOnly ? work.outsideSlot(wait) : wait());
  let ownSeconds = 0;
  const partSeconds = new Map<string, number>();
  const used = (hash: string, coreSeconds: number) => void partSeconds.set(hash, coreSeconds);
  const pieces = plans.map((plan) => ({
    number: plan.number,
    plan,
    work: async () => {
      let outputSeconds = 0;
      const spent = (coreSeconds: number) => {
        outputSeconds += coreSeconds;
        ownSeconds += coreSeconds;
        work.span.setAttribute("polyreel.core.seconds", ownSeconds);
      };
      const output: OutputWork = {
        ...{ planned, combination, plan, work, spent, used },
        wait: outsideSlot,
        make: (making) => (isOnly ? making() : renderer.making(making)),
      };
      const certificate = await renderOutput(output, renderer);
      work.span.setAttribute("polyreel.parts.core.seconds", sumOf(partSeconds.values()));
      if (isOnly) work.leaveSlot();
      await publishRendered(output, { certificate, coreSeconds: outputSeconds }, renderer);
    },
  }));
  const fail = ({ number }: Piece, error: PolyreelError) =>
    failOutputs(
      planned,
      plans.filter((plan) => plan.number === number),
      error,
      renderer,
    );
  await renderer.partial.run(planned, pieces, { ...work, outsideSlot }, fail);
}

const sumOf = (numbers: Iterable<number>): number => [...numbers].reduce((sum, number) => sum + number, 0);

async function publishRendered(
  { planned: { fact, batchId }, combination, plan }: OutputWork,
  rendered: { readonly certificate: Certificate; readonly coreSeconds: number },
  { platform }: Renderer,
): Promise<void> {
  const { tenant, attempt, losses } = fact;
  const deliveryCount = shortCount(plannedDeliveries(fact));
  const about = { batchId, tenant, attempt, losses, combination, output: plan.number, deliveryCount };
  const id = deliveryMessageId(combination.id, deliveriesPlanned([plan])[0] ?? 0);
  await platform.publisher.publish(
    "combination.rendered",
    { ...about, ...rendered, outputPlan: plan },
    { id, attempt },
  );
}

/** Numbers of a planned combination's outputs that are published already, as rendered or failed. */
export async function renderedBefore(planned: Planned, published: PublishedBefore): Promise<number[]> {
  const { combination, attempt } = planned.fact;
  const deliveries = await published.deliveries(planned, combination?.id ?? "", attempt);
  return outputPlansOf(planned.fact).flatMap(({ number, targets }) =>
    targets.some(({ delivery }) => deliveries.has(delivery)) ? number : [],
  );
}

/** Publishes the failure of a combination's outputs that are not rendered yet. */
export async function failCombination(planned: Planned, error: PolyreelError, renderer: Renderer): Promise<void> {
  const plans = outputPlansOf(planned.fact);
  const left = await renderer.partial.giveUp(
    planned,
    plans.map(({ number }) => number),
  );
  await failOutputs(
    planned,
    plans.filter(({ number }) => left.includes(number)),
    error,
    renderer,
  );
}

async function failOutputs(
  { fact, batchId }: Planned,
  plans: readonly OutputPlan[],
  { failure }: PolyreelError,
  { platform }: Renderer,
): Promise<void> {
  const { combination, attempt } = fact;
  if (!combination || plans.length === 0) return;
  const targets = plans.flatMap((plan) => plan.targets);
  const deliveries = { targets, mask: maskOf(deliveriesPlanned(plans)), deliveryCount: plannedDeliveries(fact) };
  await publishCombinationFailed(platform.publisher, { batchId, attempt, combination, ...deliveries, failure });
}
