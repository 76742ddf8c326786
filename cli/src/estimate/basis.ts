import type { EstimateBatchResponse } from "@polyreel/contract";
import { counted, formatCount } from "../terminal/numbers.js";
import { row } from "./row.js";

/** The machine whose speed an estimate is based on. */
export type Machine = "this machine" | "the server";

/** A step that costs time, and how many measurements of it exist. */
interface Basis {
  readonly singular: string;
  readonly measured: bigint;
}

/** The measured steps that an estimate is based on. */
function basesOf(
  { clips, voices, soundtracks, renditions, combinations, measuredCombinations }: EstimateBatchResponse,
  unit: string,
): Basis[] {
  return [
    ...(clips?.distinct ? [{ singular: "clip", measured: clips.measured }] : []),
    ...(voices?.distinct ? [{ singular: "voice line", measured: voices.measured }] : []),
    ...(soundtracks?.distinct ? [{ singular: "soundtrack", measured: soundtracks.measured }] : []),
    ...(renditions?.distinct ? [{ singular: "rendition", measured: renditions.measured }] : []),
    ...(combinations > 0n ? [{ singular: unit, measured: measuredCombinations }] : []),
  ];
}

/** The steps that were never measured here, in the plural; their figures come from another machine. */
export const notMeasured = (estimate: EstimateBatchResponse, unit = "video"): string[] =>
  basesOf(estimate, unit).flatMap(({ singular, measured }) => (measured === 0n ? [`${singular}s`] : []));

/** Describes what an estimate is based on, as lines of text. `unit` is the noun for combinations. */
export function basisLines(estimate: EstimateBatchResponse, machine: Machine, unit: string): string[] {
  const measured = basesOf(estimate, unit).filter((basis) => basis.measured > 0n);
  const unmeasured = notMeasured(estimate, unit);
  const from = measured.map((basis) => counted(basis.measured, basis.singular));
  const standIn = `not measured on ${machine} yet: ${listed(unmeasured)}; figures of another one stand in`;
  const drawn = `${formatCount(estimate.drawn)} of the combinations, drawn at random, and scaled up to all`;
  const lines = [
    ...(from.length > 0 ? [`${listed(from)} measured on ${machine}`] : []),
    ...(unmeasured.length > 0 ? [standIn] : []),
    ...(estimate.drawn > 0n ? [drawn] : []),
  ];
  return lines.map((line, i) => row(i === 0 ? "from" : "", line));
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
