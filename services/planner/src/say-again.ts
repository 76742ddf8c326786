import { clone, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { CombinationPlannedSchema, CombinationRenderedSchema, type Rework, type Target } from "@polyreel/contract";
import type { Told } from "@polyreel/platform/nats/follow.js";
import type { Platform } from "@polyreel/platform/service.js";

/** A message of a combination that can be said again. */
export type Sayable = Told<"combination.planned"> | Told<"combination.rendered">;

/** A message of the stream, where it is one of a combination of this batch that can be said again. */
export function sayable(told: Told | undefined, batchId: string): Sayable | undefined {
  if (told?.batchId !== batchId) return undefined;
  return told.name === "combination.planned" || told.name === "combination.rendered" ? told : undefined;
}

/** Says it again in a resumed run: as that run's attempt, in a trace of its own that links to the first and to what asked. */
export async function sayAgain(
  first: Sayable,
  { batchId, fact: { attempt, rework }, sequence, traceparent }: Told<"batch.resumed">,
  { publisher, telemetry }: Pick<Platform, "publisher" | "telemetry">,
): Promise<void> {
  const id = first.fact.combination?.id ?? "";
  const attributes = { "polyreel.batch.id": batchId, "polyreel.combination.id": id, "polyreel.attempt": attempt };
  const links = [first.traceparent, traceparent];
  await telemetry.span("replay combination", { parent: null, links, attributes }, async () => {
    if (first.name === "combination.rendered") {
      const fact = repeated(CombinationRenderedSchema, first.fact, attempt, rework);
      await publisher.publish(first.name, fact, { id, attempt });
      return;
    }
    const fact = repeated(CombinationPlannedSchema, first.fact, attempt, rework);
    fact.again = true;
    fact.partsAfter = rework?.force ? BigInt(sequence) : 0n;
    await publisher.publish(first.name, fact, { id, attempt });
  });
}

type Repeatable = DescMessage & (typeof CombinationPlannedSchema | typeof CombinationRenderedSchema);

function repeated<S extends Repeatable>(
  schema: S,
  first: MessageShape<S>,
  attempt: number,
  rework: Rework | undefined,
): MessageShape<S> {
  const fact = clone(schema, first);
  fact.attempt = attempt;
  fact.losses = 0;
  if (fact.target) retarget(fact.target, rework);
  return fact;
}

function retarget(target: Target, rework: Rework | undefined): void {
  target.overwrite = rework?.overwrite || (!rework?.folder && target.overwrite);
  target.folder = rework?.folder || target.folder;
  target.virtual &&= !rework?.written;
}
