import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { batchSubjects } from "@polyreel/contract";
import { type FactMessage, followFacts } from "@polyreel/platform/stream";
import { partFiles } from "../testing/parts.js";
import { auditBatch, type BatchAudit, deliveredOf, partsMadeAgain } from "./audit.js";
import { auditDeleted } from "./audit-deleted.js";
import { auditFiles } from "./audit-files.js";
import { cancel, cleanUp, remove, retry, submitUntilAccepted, waitForEnds } from "./calls.js";
import type { ChaosBatch, Kill, Trial } from "./draw-trial.js";
import type { ChaosSystem } from "./system.js";
import { whatIsLeft } from "./what-is-left.js";

/** Summary in the last line of `--json`. */
export interface Tally {
  readonly kills: number;
  /** Services paused and continued. */
  readonly stops: number;
  readonly cancels: number;
  readonly retries: number;
  /** Batches deleted, by calls and by clean-ups. */
  readonly deletes: number;
  /** Of these, submitted again under their request id. */
  readonly resubmissions: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly failed: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly partsRedone: number;
  readonly orphans: number;
  readonly strayFiles: number;
}

export interface TrialResult extends Tally {
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** Without a new fact for this long, a kill waits no longer. */
const QUIET_MS = 1_500;

/** A submitted batch. */
interface Submitted {
  readonly id: string;
  readonly requestId: string;
  readonly drawn: ChaosBatch;
}

/**
 * Runs a trial: submits its batches, and those of deleted request ids that are due, acts like their clients, kills
 * meanwhile, waits for their end, and audits.
 */
export async function runTrial(system: ChaosSystem, trial: Trial): Promise<TrialResult> {
  const began = performance.now();
  const before = system.factCount;
  const finished = new Map<string, number>();
  const again = system.resubmissions.take();
  const wanted = [...trial.batches.map((drawn) => ({ drawn, requestId: randomUUID() as string })), ...again];
  const end = before + expectedFacts(wanted.map(({ drawn }) => drawn));
  const living = Promise.all(
    wanted.map(async ({ drawn, requestId }): Promise<Submitted> => {
      const id = await submitUntilAccepted(system, drawn.batch, requestId);
      if (drawn.fate === "cancel" || drawn.fate === "cancel and delete") {
        await hearUntil(system, before + drawn.cancelAfter * (end - before));
        await cancel(system, id);
      }
      if (drawn.fate === "cancel and delete") await remove(system, id);
      return { id, requestId, drawn };
    }),
  );
  const killing = killAlong(system, trial.kills, end, finished);
  const [submitted, killed] = await Promise.all([living, killing]);
  const [deletedEarly, kept] = divide(submitted, ({ drawn }) => drawn.fate === "cancel and delete");

  const problems: string[] = [];
  const ids = kept.map(({ id }) => id);
  problems.push(...(await waitForEnds(system, ids)).map((id) => `Batch ${id} did not end.`));
  const retried = kept.filter(({ drawn }) => drawn.fate === "retry");
  const lateKilling = killAlong(system, trial.lateKills, system.factCount, finished);
  await Promise.all(retried.map(({ id }) => retry(system, id)));
  problems.push(...(await waitForEnds(system, ids)).map((id) => `Batch ${id} did not end after its retry.`));
  const killedLate = await lateKilling;

  const audits: BatchAudit[] = [];
  const facts: FactMessage[] = [];
  let stray = 0;
  for (const { id, drawn } of kept) {
    const factsOfBatch = await factsOf(system, id);
    facts.push(...factsOfBatch);
    const audit = auditBatch(drawn, factsOfBatch);
    audits.push(audit);
    const files = await auditFiles(system.pipeline, [id, ...drawn.folders], deliveredOf(factsOfBatch));
    stray += files.extra;
    problems.push(...[...audit.problems, ...files.problems].map((problem) => `${id}: ${problem}`));
  }
  // Parts of a batch that was deleted meanwhile are remade for others that use them.
  const redone = deletedEarly.length > 0 ? 0 : Math.max(partsMadeAgain(facts), await rewrittenParts(system, finished));
  const deletedLate = await removeEnded(system, trial, kept);
  system.resubmissions.add([...deletedEarly, ...deletedLate]);
  problems.push(...(await auditDeleted(system, system.resubmissions.deleted)));
  const left = await whatIsLeft(system, new Set(submitted.map(({ id }) => id)));
  problems.push(...system.fallen.map((name) => `The ${name} ended by itself.`), ...left.words);
  const sum = (key: "accepted" | "delivered" | "failed" | "lost" | "duplicated") =>
    audits.reduce((total, audit) => total + audit[key], 0);
  return {
    kills: killed + killedLate,
    cancels: submitted.filter(({ drawn }) => drawn.fate.startsWith("cancel")).length,
    deletes: deletedEarly.length + deletedLate.length,
    retries: retried.length,
    resubmissions: again.length,
    stops: trial.kills.filter(({ stops }) => stops).length,
    accepted: sum("accepted"),
    delivered: sum("delivered"),
    failed: sum("failed"),
    lost: sum("lost"),
    duplicated: sum("duplicated"),
    partsRedone: redone,
    orphans: left.orphans,
    strayFiles: left.files + stray,
    problems,
    seconds: (performance.now() - began) / 1000,
  };
}

function divide<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** Deletes batches, or cleans up everything, while the trial's late kills happen. */
async function removeEnded(system: ChaosSystem, trial: Trial, kept: readonly Submitted[]): Promise<Submitted[]> {
  const deleted = trial.cleansUp ? [...kept] : kept.filter(({ drawn }) => drawn.fate === "delete");
  if (deleted.length === 0) return [];
  const killing = killAlong(system, trial.lateKills, system.factCount, new Map());
  if (trial.cleansUp) await cleanUp(system);
  else await Promise.all(deleted.map(({ id }) => remove(system, id)));
  await killing;
  return deleted;
}

/** A rough estimate: a plan per combination, a layout and a delivery per output; the parts' facts come first. */
const expectedFacts = (batches: readonly ChaosBatch[]): number =>
  batches.reduce(
    (sum, { batch, combinations, deliveriesEach }) =>
      sum + 10 + (1 + Math.max(1, batch.outputs.length) + deliveriesEach) * combinations.length,
    0,
  );

/** Kills while the batches are in progress; `finished` receives the files of parts finished by then. */
async function killAlong(
  system: ChaosSystem,
  kills: readonly Kill[],
  end: number,
  finished: Map<string, number>,
): Promise<number> {
  let killed = 0;
  const stopping: Promise<number>[] = [];
  const start = system.factCount;
  for (const kill of kills) {
    await hearUntil(system, start + kill.after * (end - start));
    await delay(kill.delayMs);
    for (const [key, file] of await partFiles(system.pipeline)) if (!finished.has(key)) finished.set(key, file);
    if (kill.stops) stopping.push(system.pause(kill));
    else killed += await system.kill(kill);
  }
  await Promise.all(stopping);
  return killed;
}

async function hearUntil(system: ChaosSystem, wanted: number): Promise<void> {
  for (let [factCount, since] = [system.factCount, Date.now()]; system.factCount < wanted; await delay(2)) {
    if (system.factCount > factCount) [factCount, since] = [system.factCount, Date.now()];
    else if (Date.now() - since > QUIET_MS) return;
  }
}

async function factsOf({ stream }: ChaosSystem, batchId: string): Promise<FactMessage[]> {
  const facts: FactMessage[] = [];
  const signal = AbortSignal.timeout(30_000);
  for await (const message of followFacts(stream, { subject: batchSubjects(batchId), signal })) {
    facts.push(message);
    if (message.pending === 0) break;
  }
  return facts;
}

/** Parts that were finished before a kill, and written again after it. */
async function rewrittenParts({ pipeline }: ChaosSystem, finished: ReadonlyMap<string, number>): Promise<number> {
  const now = await partFiles(pipeline);
  return [...finished].filter(([key, file]) => now.get(key) !== file).length;
}
