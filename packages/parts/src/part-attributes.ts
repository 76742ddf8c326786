import type { Origin, PartRequested, RequestedKind } from "@polyreel/contract";
import { shownUrl } from "@polyreel/platform/web";

/** Origins that a span lists; a soundtrack may have one for each of thousands of events. */
const LISTED = 20;

/**
 * What a part is, in the batch's words, as attributes of the span of a request for it. A part with one origin names its
 * block, choice and source; one with several lists them as "block/choice". Texts of lines and overlays are left out.
 */
export function partAttributes(
  kind: RequestedKind,
  { hash, origins }: Pick<PartRequested, "hash" | "origins">,
): Readonly<Record<string, string | string[] | number>> {
  const part = { "polyreel.part.kind": kind, "polyreel.part.hash": hash };
  const [first, ...others] = origins;
  if (!first) return part;
  if (others.length > 0) {
    const places = [...new Set(origins.map(({ block, choice }) => (choice ? `${block}/${choice}` : block)))];
    return { ...part, "polyreel.part.origins": places.slice(0, LISTED), "polyreel.part.origin.count": places.length };
  }
  const { block, choice } = first;
  const source = sourceName(first);
  return {
    ...part,
    ...(block && { "polyreel.block": block }),
    ...(choice && { "polyreel.choice": choice }),
    ...(source && { "polyreel.source.name": source }),
  };
}

/** A client may name a source by its address, whose query may be a signature. */
const sourceName = ({ sourceName: name }: Origin): string => (URL.canParse(name) ? shownUrl(name) : name);
