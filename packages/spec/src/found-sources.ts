import { clone } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, type FoundSource } from "@polyreel/contract";
import type { Mistake } from "./mistake.js";
import { quote, quoteAll } from "./quote.js";
import { placeKey, type SourcePlace, sourcePlaces } from "./source-places.js";

/** Whether the client could not read a source when it submitted the batch. */
export const isMissing = ({ source }: Pick<SourcePlace, "source">): boolean => source.location.case === "unreadable";

/**
 * A batch with the bytes of sources that were missing when it was submitted, and the first mistake among them.
 * `submitted`: the batch as it was submitted, before earlier retries found any. Both are normalised; neither is changed.
 */
export function withFoundSources(
  batch: Batch,
  submitted: Batch,
  found: readonly FoundSource[],
): { readonly batch: Batch; readonly mistake?: Mistake } {
  const full = clone(BatchSchema, batch);
  const missing = new Map<string, SourcePlace[]>();
  for (const place of sourcePlaces(submitted)) {
    if (!isMissing(place)) continue;
    const owner = ownerKey(place);
    missing.set(owner, [...(missing.get(owner) ?? []), place]);
  }
  const present = new Map([...sourcePlaces(full)].map((place) => [placeKey(place), place.source]));
  for (const [i, { sha256, ...named }] of found.entries()) {
    const candidates = (missing.get(ownerKey(named)) ?? []).filter(({ field }) => [field, ""].includes(named.field));
    const [place, other] = candidates;
    if (!place) return { batch, mistake: { ...neverMissing(named), field: `sources[${i}]` } };
    if (other) return { batch, mistake: { ...ambiguous(named, candidates), field: `sources[${i}].field` } };
    const source = present.get(placeKey(place));
    if (source?.location.case === "sha256" && source.location.value !== sha256)
      return { batch, mistake: { ...foundBefore(named), field: `sources[${i}].sha256` } };
    if (source) source.location = { case: "sha256", value: sha256 };
  }
  return { batch: full };
}

type Named = Pick<FoundSource, "block" | "choice" | "field">;

const ownerKey = ({ block, choice }: Pick<Named, "block" | "choice">): string => JSON.stringify([block, choice]);

const SUBMIT_AGAIN = "To use other files, submit the batch again: finished parts are reused.";

const neverMissing = (named: Named) => ({
  ...whereOf(named),
  reason: `${subjectOf(named)} was not missing when the batch was submitted.`,
  remedy: `Give only sources that ListMissingSources lists. ${SUBMIT_AGAIN}`,
});

const foundBefore = (named: Named) => ({
  ...whereOf(named),
  reason: `${subjectOf(named)} was found in an earlier retry, with other bytes.`,
  remedy: SUBMIT_AGAIN,
});

const ambiguous = (named: Named, candidates: readonly SourcePlace[]) => ({
  ...whereOf(named),
  reason: `${subjectOf(named)} is one of several that were missing: ${quoteAll(candidates.map(({ field }) => field))}.`,
  remedy: "Name its field.",
});

const whereOf = ({ block, choice }: Named) => ({ block, choice });

function subjectOf({ block, choice, field }: Named): string {
  const source = field === "" ? "The source" : `The source ${quote(field)}`;
  if (block === "") return `${source} of the batch`;
  return choice === ""
    ? `${source} of block ${quote(block)}`
    : `${source} of choice ${quote(choice)} in block ${quote(block)}`;
}
