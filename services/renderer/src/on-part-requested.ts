import type { PartFactName } from "@polyreel/contract";
import { existsFor, type PartMaking } from "@polyreel/parts";
import { inputsOf, type KindMadeBy, partsIn } from "@polyreel/parts/kinds";
import type { Work } from "@polyreel/pipeline";
import type { FactMessage } from "@polyreel/platform/stream";
import { linkSpan } from "@polyreel/platform/telemetry";
import type { Renderer } from "./service.js";

/**
 * Makes a part of a kind, once. Parts that it depends on were made before; those that were lost are made again first.
 */
export async function onPartRequested(
  kind: KindMadeBy<"renderer">,
  make: PartMaking,
  message: FactMessage<PartFactName<"requested">>,
  work: Work,
  renderer: Renderer,
): Promise<void> {
  const { fact } = message;
  const { tenant, force } = fact;
  const { parts, sources } = renderer.tenants.of(tenant);
  const needed = partsIn(inputsOf(fact));
  if (needed.length > 0 && (force || !(await existsFor(fact, kind, parts)))) {
    await renderer.awaited.restore(parts, needed, fact, { signal: work.signal, wait: work.outsideSlot });
  }
  const link = (traceparents: readonly string[]) => linkSpan(work.span, traceparents);
  await renderer.maker.answer(parts, message, kind, work, (making) =>
    make(fact, { ...making, ...renderer.tools, tenant, parts, sources, link }),
  );
}
