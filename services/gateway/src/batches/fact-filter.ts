import { type FactName, facts, isFactLike, type ReadFactsRequest } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import { nearest } from "@polyreel/spec";

const NAMES = Object.keys(facts) as FactName[];

/** Which facts of a batch are read. */
export interface FactFilter {
  /** Tokens of a subject of all of them, and perhaps of others: a consumer has one subject. */
  readonly noun: string;
  readonly event: string;
  includes(message: FactMessage): boolean;
}

/** The facts that a request selects. Throws PolyreelError `invalid` for a type that no fact has. */
export function factFilter({ types, combinationId }: Pick<ReadFactsRequest, "types" | "combinationId">): FactFilter {
  for (const [i, type] of types.entries()) assertType(type, `types[${i}]`);
  const names = new Set(
    types.length === 0 ? NAMES : types.flatMap((type) => NAMES.filter((name) => isFactLike(name, type))),
  );
  const [only = "*.*", ...others] = types;
  const [noun = "*", event = "*"] = others.length === 0 ? only.split(".") : [];
  return {
    ...{ noun, event },
    includes: (message) => names.has(message.name) && (combinationId === "" || isAbout(message, combinationId)),
  };
}

function isAbout({ fact }: FactMessage, combinationId: string): boolean {
  if ("combinationId" in fact) return fact.combinationId === combinationId;
  return "combination" in fact && fact.combination?.id === combinationId;
}

function assertType(type: string, field: string): void {
  if (NAMES.some((name) => isFactLike(name, type))) return;
  const near = nearest(type, NAMES);
  throw new PolyreelError("invalid", {
    field,
    reason: `No fact has the type ${JSON.stringify(type)}.`,
    remedy: `${near ? `Did you mean ${near}? ` : ""}A type is <noun>.<event>, as in combination.delivered; * stands for all: combination.*, *.failed.`,
  });
}
