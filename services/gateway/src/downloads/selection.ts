import { CombinationState, combinationStates } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { LINK_PARAMETERS } from "../links/link-target.js";

/** Outputs of a batch, as chosen in a URL's query. */
export interface Selection {
  /** UNSPECIFIED for all. */
  readonly state: CombinationState;
  readonly choices: readonly { readonly block: string; readonly choice: string }[];
  /** Names; empty for all. */
  readonly outputs: readonly string[];
  /** Of a manifest: with a signed link to each. */
  readonly links: boolean;
}

const MAX_CHOICES = 1000;
const PARAMETERS = ["state", "choice", "output", "links"];

/**
 * Parses `?state=delivered&choice=<block>=<label>&output=<name>&links=true`, of which `choice` and `output` may be repeated;
 * `polyreel list` has the same filters. Throws PolyreelError `invalid`. Pure.
 */
export function parseSelection(query: URLSearchParams): Selection {
  for (const name of query.keys()) {
    if (![...PARAMETERS, ...LINK_PARAMETERS].includes(name)) {
      throw invalid(name, "There is no such parameter.", `Parameters are ${PARAMETERS.join(", ")}.`);
    }
  }
  const choices = query.getAll("choice");
  if (choices.length > MAX_CHOICES)
    throw invalid("choice", `There are more than ${MAX_CHOICES} choices.`, "Give fewer.");
  return {
    state: stateIn(query.getAll("state")),
    choices: choices.map(choiceIn),
    outputs: query.getAll("output"),
    links: flagIn(query.getAll("links")),
  };
}

function stateIn(values: readonly string[]): CombinationState {
  const [name] = values;
  if (name === undefined) return CombinationState.UNSPECIFIED;
  if (values.length === 1 && Object.hasOwn(combinationStates, name)) {
    return combinationStates[name as keyof typeof combinationStates];
  }
  throw invalid("state", "It is not one state.", `States are ${Object.keys(combinationStates).join(", ")}.`);
}

function choiceIn(text: string): { block: string; choice: string } {
  const at = text.indexOf("=");
  if (at > 0) return { block: text.slice(0, at), choice: text.slice(at + 1) };
  throw invalid("choice", "It does not name a block and a label.", "Write it as in choice=hook%3Dflower.");
}

function flagIn(values: readonly string[]): boolean {
  if (values.length === 0) return false;
  if (values.length === 1 && (values[0] === "true" || values[0] === "false")) return values[0] === "true";
  throw invalid("links", "It is neither true nor false.", "Write links=true, or leave it out.");
}

const invalid = (field: string, reason: string, remedy: string): PolyreelError =>
  new PolyreelError("invalid", { field: field.slice(0, 80), reason, remedy });
