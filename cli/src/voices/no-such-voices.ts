import type { ListVoicesRequest, Voice } from "@polyreel/contract";
import { nearNames } from "@polyreel/spec";

type Wanted = Pick<ListVoicesRequest, "language" | "engine" | "gender">;

/** More values, such as languages, are not listed whole. */
const MOST_LISTED = 10;
const NEAR_SHOWN = 3;

/** Why no voice of `all` has what is wanted: the values that none has, with similar or existing ones. Pure. */
export function noSuchVoices(wanted: Wanted, all: readonly Voice[]): string {
  const unknown = (["language", "engine", "gender"] as const).flatMap((property) => {
    const value = wanted[property];
    const known = [...new Set(all.map((voice) => voice[property]))].filter((one) => one !== "").sort();
    return value === "" || hasValue(property, value, known) ? [] : [`  ${hintFor(property, value, known)}\n`];
  });
  return `No voices match.\n${unknown.join("")}`;
}

/** "en" stands for its varieties, too, which need not exist alone. */
const hasValue = (property: keyof Wanted, value: string, known: readonly string[]): boolean =>
  known.some((one) => {
    const [a, b] = [one.toLowerCase(), value.toLowerCase()];
    return a === b || (property === "language" && a.startsWith(`${b}-`));
  });

function hintFor(property: string, value: string, known: readonly string[]): string {
  const near = nearNames(value, known, NEAR_SHOWN);
  const meant = near.length > 0 ? ` Did you mean ${near.join(", ")}?` : "";
  const listed = known.length > 0 && known.length <= MOST_LISTED ? ` There are ${known.join(", ")}.` : "";
  return `No voice has the ${property} ${JSON.stringify(value)}.${meant}${listed}`;
}
