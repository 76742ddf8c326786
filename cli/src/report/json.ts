import { resolve } from "node:path";
import { CombinationState, type CombinationStatus, type DroppedFiles, type PartCounts } from "@polyreel/contract";
import { parsePlaced } from "@polyreel/spec";
import { reportedFailure, reportedOutput, type Shown } from "@polyreel/spec/rows";
import type { FinishedBatch } from "../client/finished-batch.js";
import type { Terminal } from "../terminal/terminal.js";
import { plainApproval } from "./plain-approval.js";
import { runSeconds } from "./saving.js";

/** Where a batch's outputs can be found. */
export interface OutputPlace {
  /** Folder of written outputs; undefined for a remote server, whose paths are printed unchanged. */
  readonly folder: string | undefined;
  /** Address of a server that keeps serving the outputs, virtual ones included. */
  readonly server: string | undefined;
}

/** Larger batches list their outputs in the manifest only. */
const MAX_OUTPUTS = 10_000;

/** Prints a batch as one JSON object on one line. Written page by page, in constant memory. */
export async function printJson(batch: FinishedBatch, place: OutputPlace, terminal: Terminal): Promise<void> {
  const { status } = batch;
  const shown = shownIn(place);
  const { planned = 0n, delivered = 0n, failed = 0n, total = 0n } = status.combinations ?? {};
  const head = {
    batchId: status.batchId,
    combinations: {
      ...{ planned: Number(planned), delivered: Number(delivered), failed: Number(failed) },
      ...(status.approve && plainApproval(status.combinations)),
    },
    parts: {
      ...{ clips: parts(status.clips), voices: parts(status.voices), soundtracks: parts(status.soundtracks) },
      renditions: parts(status.renditions),
    },
    seconds: runSeconds(status),
  };
  await terminal.print(JSON.stringify(head).slice(0, -1));
  if (total <= MAX_OUTPUTS) {
    const outputs = batch.combinations(CombinationState.DELIVERED);
    await printList("outputs", outputs, (one) => reportedOutput(one, shown), terminal);
  }
  if (status.dropped) await terminal.print(`,"dropped":${JSON.stringify(describeDropped(status.dropped, place))}`);
  const failures = batch.combinations(CombinationState.FAILED);
  await printList("failures", failures, (one) => reportedFailure(one, shown), terminal);
  await terminal.print("}\n");
}

async function printList(
  name: string,
  combinations: AsyncIterable<CombinationStatus>,
  describe: (one: CombinationStatus) => object,
  terminal: Terminal,
): Promise<void> {
  await terminal.print(`,${JSON.stringify(name)}:[`);
  let separator = "";
  for await (const one of combinations) {
    await terminal.print(separator + JSON.stringify(describe(one)));
    separator = ",";
  }
  await terminal.print("]");
}

const shownIn = ({ folder, server }: OutputPlace): Shown => ({
  file: (path) => fileIn(folder, path),
  server: server ?? "",
});

/** Files in configured destinations are not below the folder. */
const fileIn = (folder: string | undefined, path: string): string =>
  folder === undefined || parsePlaced(path).destination ? path : resolve(folder, path);

function describeDropped({ count, paths, removed }: DroppedFiles, { folder }: OutputPlace): object {
  const files = paths.map((path) => fileIn(folder, path));
  return { count: Number(count), removed, files };
}

function parts(counts: PartCounts | undefined): object {
  const { distinct = 0n, made = 0n, reused = 0n } = counts ?? {};
  return { distinct: Number(distinct), made: Number(made), reused: Number(reused) };
}
