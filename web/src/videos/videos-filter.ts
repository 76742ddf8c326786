import { type CombinationState, combinationStates } from "@polyreel/contract";

export const orders = {
  number: { label: "By number", orderBy: "ordinal" },
  state: { label: "By state", orderBy: "state, ordinal" },
  newest: { label: "Last ended first", orderBy: "ended_at desc" },
  longest: { label: "Longest first", orderBy: "duration desc" },
  largest: { label: "Largest first", orderBy: "size desc" },
} as const;

export type Order = keyof typeof orders;

/** Which videos of a batch are shown, as it stands in the address: only what differs from the default. */
export interface VideosFilter {
  readonly state?: keyof typeof combinationStates;
  readonly order?: Order;
  /** "block:choice", each part percent-encoded where it must be: any choice of a block, and all blocks. */
  readonly choices?: readonly string[];
  /** The first one seen, from 0: where the list was left. */
  readonly from?: number;
}

const isKeyOf = <T extends object>(names: T, value: unknown): value is keyof T =>
  typeof value === "string" && Object.hasOwn(names, value);

const MAX_CHOICES = 1000;

/** From any address: what it does not know is left out. */
export function readVideosFilter({ state, order, choices, from }: Readonly<Record<string, unknown>>): VideosFilter {
  const known = Array.isArray(choices)
    ? choices.filter((one) => typeof one === "string" && choiceOf(one)).slice(0, MAX_CHOICES)
    : [];
  return {
    ...(isKeyOf(combinationStates, state) && { state }),
    ...(isKeyOf(orders, order) && order !== "number" && { order }),
    ...(known.length > 0 && { choices: known }),
    ...(typeof from === "number" && Number.isSafeInteger(from) && from > 0 && { from }),
  };
}

export interface BlockChoice {
  readonly block: string;
  readonly choice: string;
}

/** One choice as it stands in the address. */
export const choiceText = ({ block, choice }: BlockChoice): string =>
  `${encodeURIComponent(block)}:${encodeURIComponent(choice)}`;

/** The choice of such a text; undefined if it is none. */
export function choiceOf(text: string): BlockChoice | undefined {
  const [block, choice, ...rest] = text.split(":");
  if (!block || choice === undefined || rest.length > 0) return undefined;
  try {
    return { block: decodeURIComponent(block), choice: decodeURIComponent(choice) };
  } catch {
    return undefined;
  }
}

/** The filter with a choice added, or taken away if it is in it. Back to the start of the list. */
export function withChoiceToggled(
  { choices = [], from: _, ...rest }: VideosFilter,
  toggled: BlockChoice,
): VideosFilter {
  const text = choiceText(toggled);
  const left = choices.includes(text) ? choices.filter((one) => one !== text) : [...choices, text];
  return { ...rest, ...(left.length > 0 && { choices: left }) };
}

/** As calls take it. */
export const requestOf = ({ state, order = "number", choices = [] }: VideosFilter) => ({
  orderBy: orders[order].orderBy,
  choices: choices.flatMap((text) => choiceOf(text) ?? []),
  ...(state && { state: combinationStates[state] as CombinationState }),
});
