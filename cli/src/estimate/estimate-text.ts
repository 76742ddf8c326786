import type { EstimateBatchResponse, PartEstimate } from "@polyreel/contract";
import { formatWhere, type Where } from "../problem.js";
import { counted, formatBytes, formatCount, formatRatio, formatSeconds } from "../terminal/numbers.js";
import { groupUnknowns, type Unknown } from "./unknowns.js";

/** A batch of one combination saves nothing. */
const WORTH_TELLING = 1.05;
const MOST_PLACES = 3;

export type Locate = (place: { block: string; choice: string }) => Where;

/** An estimate in lines for people. */
export function estimateLines(estimate: EstimateBatchResponse, locate: Locate): string[] {
  const { combinations, combinationSeconds, outputBytes, predictedSeconds, clipSeconds, saving } = estimate;
  const sharing = `${formatRatio(saving)} times less work than one by one, sound included`;
  return [
    counted(combinations, "video"),
    row("length", `${formatSeconds(combinationSeconds)} together`),
    row("size", `about ${formatBytes(outputBytes)}`),
    ...partLines(estimate),
    row("encoding", `${formatSeconds(clipSeconds)} of picture`),
    ...(saving >= WORTH_TELLING ? [row("sharing", sharing)] : []),
    row("time", `about ${formatSeconds(predictedSeconds)}`),
    ...unknownLines(estimate, locate),
  ];
}

/** The distinct parts, kind by kind; kinds that a batch has none of are left out. */
export const partLines = ({ clips, voices, soundtracks }: EstimateBatchResponse, there = "there already"): string[] =>
  [["clips", clips] as const, ["voices", voices] as const, ["soundtracks", soundtracks] as const].flatMap(
    ([name, parts]) => (parts?.distinct ? [row(name, describeParts(parts, there))] : []),
  );

function describeParts({ distinct, there }: PartEstimate, known: string): string {
  const also = there > 0n ? `, ${formatCount(there)} ${known}` : "";
  return `${formatCount(distinct)} distinct: ${formatCount(distinct - there)} to make${also}`;
}

/** What the figures leave out or guess, and why. */
export function unknownLines({ unknown }: EstimateBatchResponse, locate: Locate): string[] {
  if (unknown.length === 0) return [];
  return ["Not known yet:", ...groupUnknowns(unknown).flatMap((group) => describeUnknown(group, locate))];
}

function describeUnknown({ reason, remedy, places }: Unknown, locate: Locate): string[] {
  const shown = places
    .slice(0, MOST_PLACES)
    .map((place) => formatWhere({ ...(place.block && locate(place)), ...place }));
  const more = places.length - shown.length;
  return [
    `  ${formatCount(places.length)} × ${reason}`,
    ...shown.filter(Boolean).map((where) => `      where: ${where}`),
    ...(more > 0 ? [`      and ${formatCount(more)} more`] : []),
    ...(remedy ? [`      remedy: ${remedy}`] : []),
  ];
}

export const row = (name: string, text: string): string => `  ${name.padEnd(13)}${text}`;
