import type { PartFactName, PartRequested } from "@polyreel/contract";
import { existsFor, type PartMaking, type PartStore } from "@polyreel/parts";
import { inputsOf, type KindMadeBy, type PartRef, partsIn } from "@polyreel/parts/kinds";
import type { Work } from "@polyreel/pipeline";
import type { FactMessage } from "@polyreel/platform/stream";
import { linkSpan } from "@polyreel/platform/telemetry";
import type { Renderer } from "./service.js";

/**
 * Makes a part of a kind, once. Parts that it depends on were made before; those that were lost are made again first. Only
 * a rendition is requested together with the clips and the soundtrack that it is made of.
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
    const waiter = { signal: work.signal, wait: work.outsideSlot };
    if (kind === "rendition") await awaitInputs(parts, needed, fact, waiter, renderer);
    else await renderer.awaited.restore(parts, needed, fact, waiter);
  }
  const link = (traceparents: readonly string[]) => linkSpan(work.span, traceparents);
  await renderer.maker.answer(parts, message, kind, work, (making) =>
    make(fact, { ...making, ...renderer.tools, tenant, parts, sources, link }),
  );
}

type Waiter = Parameters<Renderer["awaited"]["exist"]>[3];

/** Waits for parts of the same plan; a failure of one becomes the rendition's. */
function awaitInputs(
  parts: PartStore,
  needed: readonly PartRef[],
  { batchId, attempt, again }: PartRequested,
  waiter: Waiter,
  { awaited }: Renderer,
): Promise<void> {
  const waiting = { batchId, attempt: Math.max(1, attempt), again, madeAfter: 0 };
  return awaited.exist(parts, needed, waiting, waiter, (error) => error);
}
