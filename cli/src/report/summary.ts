import { BatchState, type BatchStatus, isWorthRetrying, type PartCounts } from "@polyreel/contract";
import { formatWhere } from "../problem.js";
import { counted, formatCount, formatRatio, formatSeconds } from "../terminal/numbers.js";
import type { FailureGroup, WarningGroup } from "./failure-groups.js";
import { failureLines, type LocateFailure } from "./failure-lines.js";
import { runSeconds, saving } from "./saving.js";

/** Ratio from which a saving is worth mentioning; a batch of one combination has none. */
const MIN_SAVING = 1.05;

export interface Summary {
  status: BatchStatus;
  /** Noun for combinations; "video" by default. */
  unit?: string | undefined;
  failures: readonly FailureGroup[];
  warnings?: readonly WarningGroup[];
  /** Folder of the outputs, as displayed. */
  folder: string | undefined;
  /** URL of the first virtual output; empty if it is no longer served, undefined if there is none. */
  virtual?: string | undefined;
  /** Where a server delivered the first one: an address, or a path below the server's folder. */
  remote?: string | undefined;
  /** Locates a failed block or choice in the batch file. */
  locate?: LocateFailure;
}

/** The result of a batch as lines of text. */
export function summarize(summary: Summary): string[] {
  const { status, unit = "video", failures, warnings = [], folder, virtual, remote, locate } = summary;
  const { delivered = 0n, failed = 0n, total = 0n } = status.combinations ?? {};
  const cancelled = status.state === BatchState.CANCELLED;
  const written = folder && delivered > 0n ? ` in ${folder}` : "";
  const where = virtual === undefined ? written : ", virtual";
  return [
    `${counted(delivered, unit)} of ${formatCount(total)} delivered${where}, in ${formatSeconds(runSeconds(status))}${cancelled ? ", then cancelled" : ""}`,
    ...deliveryLine(status),
    ...partLine("clips", "encoded", status.clips),
    ...partLine("voices", "spoken", status.voices),
    ...partLine("soundtracks", "mixed", status.soundtracks),
    ...partLine("renditions", "made", status.renditions),
    ...savingLine(status),
    ...virtualLines(status, virtual),
    ...remoteLines(status, remote),
    ...droppedLines(status),
    ...approvalLines(status),
    ...(failed > 0n ? ["", `${counted(failed, unit === "video" ? "combination" : unit)} failed:`] : []),
    ...failures.flatMap((group) => failureLines(group, locate)),
    ...retryLine(status, failures),
    ...(warnings.length > 0 ? ["", "Delivered, but:"] : []),
    ...warnings.flatMap((group) => describeWarning(group, locate)),
  ];
}

/** Only if it adds to the line of combinations. */
function deliveryLine({ combinations, deliveries }: BatchStatus): string[] {
  if (!deliveries || deliveries.total === combinations?.total) return [];
  const { total, delivered, failed } = deliveries;
  const rest = failed > 0n ? `, ${formatCount(failed)} failed` : "";
  return [`  ${"deliveries".padEnd(12)}${formatCount(delivered)} of ${formatCount(total)}${rest}`];
}

function partLine(name: string, verb: string, counts: PartCounts | undefined): string[] {
  if (!counts?.distinct) return [];
  const { distinct, made, reused, failed } = counts;
  const others = [
    reused > 0n && `${formatCount(reused)} there already`,
    failed > 0n && `${formatCount(failed)} failed`,
  ];
  const rest = others.filter(Boolean).map((part) => `, ${part}`);
  return [`  ${name.padEnd(12)}${formatCount(distinct)} distinct: ${formatCount(made)} ${verb}${rest.join("")}`];
}

function savingLine(status: BatchStatus): string[] {
  const ratio = saving(status);
  if (ratio === undefined || ratio < MIN_SAVING) return [];
  const { clipSeconds, combinationSeconds } = status;
  const instead = `${formatSeconds(clipSeconds)} of picture instead of ${formatSeconds(combinationSeconds)}`;
  return [`  ${"encoding".padEnd(12)}${instead}: ${formatRatio(ratio)} times less than one by one`];
}

function virtualLines({ batchId }: BatchStatus, url: string | undefined): string[] {
  if (url === undefined) return [];
  return url === ""
    ? [
        "  virtual     nothing is written, and nobody serves them now: `polyreel up` and `polyreel submit` keep a server",
      ]
    : [`  first       ${url}`, `  all         polyreel list ${batchId}`];
}

function remoteLines({ batchId }: BatchStatus, first: string | undefined): string[] {
  if (first === undefined) return [];
  const place = /^\w+:/.test(first) ? first : `${first}, below the server's folder`;
  return [`  first       ${place}`, `  fetch       polyreel fetch ${batchId} --out videos`];
}

function approvalLines({ batchId, state, combinations }: BatchStatus): string[] {
  const { awaitingApproval = 0n, rejected = 0n } = combinations ?? {};
  const wait = awaitingApproval === 1n ? "waits" : "wait";
  return [
    ...(rejected > 0n ? [`  ${"rejected".padEnd(12)}${counted(rejected, "combination")}`] : []),
    ...(state === BatchState.AWAITING_APPROVAL
      ? [
          "",
          `${counted(awaitingApproval, "combination")} ${wait} for approval:`,
          `  look      polyreel list ${batchId} --state awaiting`,
          `  approve   polyreel approve ${batchId}`,
          `  reject    polyreel reject ${batchId} <combination id> --reason "..."`,
        ]
      : []),
  ];
}

/** At most this many files of earlier batches are named. */
const MAX_NAMED = 5;

function droppedLines({ dropped }: BatchStatus): string[] {
  if (!dropped?.count) return [];
  const { count, paths, removed } = dropped;
  const named = paths.slice(0, MAX_NAMED).map((path) => path.slice(path.lastIndexOf("/") + 1));
  const more = count > BigInt(named.length) ? [`and ${formatCount(count - BigInt(named.length))} more`] : [];
  const what = `${counted(count, "file")} of earlier batches of this name`;
  return [
    `  ${"dropped".padEnd(12)}${what} ${removed ? "removed" : "left (--prune removes them)"}: ${[...named, ...more].join(", ")}`,
  ];
}

/** If only some failures are worth retrying, names only those. None for a cancelled batch. */
function retryLine({ batchId, state }: BatchStatus, failures: readonly FailureGroup[]): string[] {
  const worth = failures.filter(({ failure }) => isWorthRetrying(failure.code));
  if (worth.length === 0 || state === BatchState.CANCELLED) return [];
  return [`  worth retrying: polyreel retry ${batchId}${worth.length < failures.length ? " --worth-retrying" : ""}`];
}

function describeWarning({ warning, combinations }: WarningGroup, locate: Summary["locate"]): string[] {
  const { block, choice, reason } = warning;
  const where = formatWhere({ ...(block ? locate?.({ block, choice }) : {}), block, choice });
  return [`  ${formatCount(combinations)} × ${reason}`, ...(where ? [`      where: ${where}`] : [])];
}
