import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Batch, BatchState, batchSubjects } from "@polyreel/contract";
import { followFacts, type Told } from "@polyreel/platform/nats/follow.js";
import { partFiles } from "../testing/parts.js";
import { auditBatch, type BatchAudit, deliveriesOf, partsMadeAgain } from "./audit.js";
import { auditFiles } from "./audit-files.js";
import type { ChaosBatch, Kill, Trial } from "./draw-trial.js";
import type { ChaosSystem } from "./system.js";
import { whatIsLeft } from "./what-is-left.js";

/** What the last line of `--json` sums up. */
export interface Tally {
  readonly kills: number;
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

/** Time for batches to end after the last kill; on an idle machine they take a few seconds. */
const END_MS = 120_000;
/** Where nothing is said for so long, a kill waits no longer. */
const QUIET_MS = 1_500;

/** Runs a trial: submits its batches, kills meanwhile, waits for their end, and audits. */
export async function runTrial(system: ChaosSystem, { batches, kills }: Trial): Promise<TrialResult> {
  const began = performance.now();
  const before = system.heard;
  const finished = new Map<string, number>();
  const submitting = Promise.all(batches.map(({ batch }) => submitUntilAccepted(system, batch)));
  const killing = killAlong(system, kills, before + expectedFacts(batches), finished);
  const [ids, killed] = await Promise.all([submitting, killing]);

  const problems: string[] = [];
  const unfinished = await waitForEnds(system, ids);
  for (const id of unfinished) problems.push(`Batch ${id} did not end.`);

  const audits: BatchAudit[] = [];
  const facts: Told[] = [];
  let stray = 0;
  for (const [i, id] of ids.entries()) {
    const said = await factsOf(system, id);
    facts.push(...said);
    const audit = auditBatch(batches[i] as ChaosBatch, said);
    audits.push(audit);
    const files = await auditFiles(system.pipeline, deliveriesOf(said));
    stray += files.extra;
    problems.push(...[...audit.problems, ...files.problems].map((problem) => `${id}: ${problem}`));
  }
  const redone = await rewrittenParts(system, finished);
  const left = await whatIsLeft(system, new Set(ids));
  problems.push(...system.fallen.map((name) => `The ${name} ended by itself.`), ...left.words);
  const sum = (key: "accepted" | "delivered" | "failed" | "lost" | "duplicated") =>
    audits.reduce((total, audit) => total + audit[key], 0);
  return {
    kills: killed,
    accepted: sum("accepted"),
    delivered: sum("delivered"),
    failed: sum("failed"),
    lost: sum("lost"),
    duplicated: sum("duplicated"),
    partsRedone: Math.max(partsMadeAgain(facts), redone),
    orphans: left.orphans,
    strayFiles: left.files + stray,
    problems,
    seconds: (performance.now() - began) / 1000,
  };
}

/** Each combination is planned, rendered and delivered; the parts' facts come first. A guess is enough. */
const expectedFacts = (batches: readonly ChaosBatch[]): number =>
  batches.reduce((sum, { combinations }) => sum + 10 + 3 * combinations.length, 0);

/** Submits as clients do: under the same request id until it is answered. */
async function submitUntilAccepted({ pipeline }: ChaosSystem, batch: Batch): Promise<string> {
  const requestId = randomUUID();
  for (const until = Date.now() + END_MS; ; await delay(50)) {
    try {
      const answer = await pipeline.batches.submitBatch({ batch, requestId }, { timeoutMs: 10_000 });
      if (answer.batch) return answer.batch.batchId;
    } catch (error) {
      if (Date.now() > until || ConnectError.from(error).code === Code.InvalidArgument) throw error;
    }
  }
}

/** Kills while the batches are worked on; `finished` gets the parts that were finished by then, as files. */
async function killAlong(
  system: ChaosSystem,
  kills: readonly Kill[],
  end: number,
  finished: Map<string, number>,
): Promise<number> {
  let killed = 0;
  const start = system.heard;
  for (const kill of kills) {
    await hearUntil(system, start + kill.after * (end - start));
    await delay(kill.delayMs);
    for (const [key, file] of await partFiles(system.pipeline)) if (!finished.has(key)) finished.set(key, file);
    killed += await system.kill(kill);
  }
  return killed;
}

async function hearUntil(system: ChaosSystem, wanted: number): Promise<void> {
  for (let [heard, since] = [system.heard, Date.now()]; system.heard < wanted; await delay(2)) {
    if (system.heard > heard) [heard, since] = [system.heard, Date.now()];
    else if (Date.now() - since > QUIET_MS) return;
  }
}

/** Ids of the batches that did not end in time. */
async function waitForEnds({ pipeline }: ChaosSystem, ids: readonly string[]): Promise<string[]> {
  const open = new Set(ids);
  for (const until = Date.now() + END_MS; open.size > 0 && Date.now() < until; await delay(50)) {
    for (const batchId of open) {
      const answer = await pipeline.batches.getBatch({ batchId }, { timeoutMs: 5_000 }).catch(() => undefined);
      if (answer?.batch?.state === BatchState.FINISHED) open.delete(batchId);
    }
  }
  return [...open];
}

async function factsOf({ stream }: ChaosSystem, batchId: string): Promise<Told[]> {
  const facts: Told[] = [];
  const signal = AbortSignal.timeout(30_000);
  for await (const told of followFacts(stream, { subject: batchSubjects(batchId), signal })) {
    facts.push(told);
    if (told.pending === 0) break;
  }
  return facts;
}

/** Parts that were finished before a kill, and were written again after it. */
async function rewrittenParts({ pipeline }: ChaosSystem, finished: ReadonlyMap<string, number>): Promise<number> {
  const now = await partFiles(pipeline);
  return [...finished].filter(([key, file]) => now.get(key) !== file).length;
}
