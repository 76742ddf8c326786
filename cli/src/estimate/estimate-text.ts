import type { EstimateBatchResponse, Failure, PartEstimate, SpeechEstimate } from "@polyreel/contract";
import { formatWhere, type Where } from "../problem.js";
import { failureLines } from "../report/failure-lines.js";
import { counted, formatBytes, formatCount, formatRatio, formatSeconds } from "../terminal/numbers.js";
import { basisLines, type Machine } from "./basis.js";
import { row } from "./row.js";
import { scopeLines } from "./scope-text.js";

/** Ratio from which a saving is worth mentioning; a batch of one combination has none. */
const MIN_SAVING = 1.05;
const MAX_PLACES = 3;

export type Locate = (place: { block: string; choice: string }) => Where;

/**
 * An estimate as lines of text; `machine` is the one it applies to. Of inputs only renditions are encoded.
 */
export function estimateLines(
  estimate: EstimateBatchResponse,
  locate: Locate,
  machine: Machine,
  unit: "video" | "input" = "video",
): string[] {
  const time = [
    row("time", timeOf(estimate, unit)),
    ...basisLines(estimate, machine, unit),
    ...unknownLines(estimate, locate),
    ...failingLines(estimate, locate, unit),
  ];
  if (unit === "input") return [counted(estimate.combinations, unit), ...renditionLines(estimate), ...time];
  const { combinations, combinationSeconds, outputBytes, writtenBytes, storeBytes, saving } = estimate;
  const about = estimate.drawn > 0n ? "about " : "";
  const sharing = `${formatRatio(saving)} times less work than one by one, sound included`;
  const isVirtual = writtenBytes === 0n && outputBytes > 0n;
  return [
    counted(combinations, "video"),
    row("length", `${about}${formatSeconds(combinationSeconds)} together`),
    row("size", `about ${formatBytes(outputBytes)}${isVirtual ? ", virtual: none of it is written" : ""}`),
    row("store", storeBytes > 0n ? `about ${formatBytes(storeBytes)} more` : "nothing more"),
    ...partLines(estimate),
    ...scopeLines(estimate),
    ...estimate.speech.map((speech) => row("speech", describeSpeech(speech))),
    row("encoding", `${about}${formatSeconds(estimate.clipSeconds)} of picture`),
    ...(saving >= MIN_SAVING ? [row("sharing", sharing)] : []),
    ...time,
  ];
}

/** Files that are encoded or copied from inputs. */
function renditionLines(estimate: EstimateBatchResponse): string[] {
  if (!estimate.renditions?.distinct) return [];
  const { outputBytes, storeBytes } = estimate;
  return [
    row("size", `about ${formatBytes(outputBytes)}`),
    row("store", storeBytes > 0n ? `about ${formatBytes(storeBytes)} more` : "nothing more"),
    ...partLines(estimate),
  ];
}

function timeOf(
  { combinations, predictedSeconds, firstVideoSeconds, cores }: EstimateBatchResponse,
  unit: string,
): string {
  const all = `about ${formatSeconds(predictedSeconds)} on ${counted(cores, "core")}`;
  const isWorthShowing = firstVideoSeconds > 0 && combinations > 1n;
  return isWorthShowing ? `${all}, the first ${unit} after about ${formatSeconds(firstVideoSeconds)}` : all;
}

/** The distinct parts by kind; kinds without parts are left out. */
export const partLines = (estimate: EstimateBatchResponse, existing = "there already"): string[] => {
  const { clips, voices, soundtracks, renditions } = estimate;
  const kinds = [
    ["clips", clips] as const,
    ["voices", voices] as const,
    ["soundtracks", soundtracks] as const,
    ["renditions", renditions] as const,
  ];
  return kinds.flatMap(([name, parts]) =>
    parts?.distinct ? [row(name, describeParts(parts, estimate.drawn > 0n, existing))] : [],
  );
};

function describeParts({ distinct, there, about }: PartEstimate, isDrawn: boolean, known: string): string {
  const number = (count: bigint, isAbout: boolean) => `${isAbout ? "about " : ""}${formatCount(count)}`;
  const rest = there > 0n ? `, ${number(there, about)} ${known}` : "";
  return `${number(distinct, isDrawn)} distinct: ${number(distinct - there, about)} to make${rest}`;
}

/** What a provider of voices charges for. */
function describeSpeech({ engine, characters, unspoken, charactersPerBatch }: SpeechEstimate): string {
  const spoken = `${counted(characters, "character")} of ${engine}, ${formatCount(unspoken)} of them not yet spoken`;
  if (unspoken <= charactersPerBatch) return spoken;
  return `${spoken}: more than the ${formatCount(charactersPerBatch)} that one batch may use, so none will be spoken`;
}

/** How many would fail and why, as the report of a finished batch describes it. */
export function failingLines(
  { failing, failures, drawn }: EstimateBatchResponse,
  locate: Locate,
  unit: "video" | "input" = "video",
): string[] {
  if (failing === 0n) return [];
  const rest = failing - failures.reduce((sum, { combinations }) => sum + combinations, 0n);
  const about = drawn > 0n ? "about " : "";
  return [
    "",
    `${about}${counted(failing, unit === "video" ? "combination" : unit)} would fail:`,
    ...failures.flatMap((group) => failureLines(group, locate)),
    // A sample's numbers are rounded.
    ...(rest > 0n && drawn === 0n ? [`  ${formatCount(rest)} × other reasons`] : []),
  ];
}

/** What the figures exclude or guess, and why. */
export function unknownLines({ unknown }: EstimateBatchResponse, locate: Locate): string[] {
  if (unknown.length === 0) return [];
  return ["Not known yet:", ...groupUnknowns(unknown).flatMap((group) => describeUnknown(group, locate))];
}

function describeUnknown({ reason, remedy, places }: Unknown, locate: Locate): string[] {
  const shown = places
    .slice(0, MAX_PLACES)
    .map((place) => formatWhere({ ...(place.block && locate(place)), ...place }));
  const more = places.length - shown.length;
  return [
    `  ${formatCount(places.length)} × ${reason}`,
    ...shown.filter(Boolean).map((where) => `      where: ${where}`),
    ...(more > 0 ? [`      and ${formatCount(more)} more`] : []),
    ...(remedy ? [`      remedy: ${remedy}`] : []),
  ];
}

/** A reason why figures are unknown, and the places it applies to. */
interface Unknown {
  reason: string;
  remedy: string;
  places: { block: string; choice: string }[];
}

/** Groups unknowns by reason, in order of first occurrence, so that a hundred lines without a voice read as one. */
function groupUnknowns(failures: readonly Failure[]): Unknown[] {
  const groups = new Map<string, Unknown>();
  for (const { block, choice, reason, remedy } of failures) {
    const group = groups.get(reason) ?? { reason, remedy, places: [] };
    group.places.push({ block, choice });
    groups.set(reason, group);
  }
  return [...groups.values()];
}
