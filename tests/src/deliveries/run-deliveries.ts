import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { submitUntilAccepted } from "../chaos/calls.js";
import { drawKill, type Kill, SERVICES } from "../chaos/draw-trial.js";
import { keepLogs } from "../chaos/keep-logs.js";
import { ChaosSystem } from "../chaos/system.js";
import { whatIsLeft } from "../chaos/what-is-left.js";
import { Random } from "../property/random.js";
import { manifestOf } from "../testing/batches.js";
import type { Pipeline } from "../testing/pipeline.js";
import { answersInMemory, answersOf } from "./answers.js";
import { auditAnswers, auditFacts } from "./audit-facts.js";
import { auditOutputs } from "./audit-outputs.js";
import { DELIVERIES_EACH, deliveryBatch, FOLDERS, OUTPUTS } from "./delivery-batch.js";
import { followToEnd } from "./follow-to-end.js";
import { killThroughout } from "./kill-throughout.js";
import { PartWitness } from "./part-witness.js";
import { readStream } from "./read-stream.js";
import { type Recount, recount } from "./recount.js";

/** Summary in the last line of `--json`. */
export interface DeliveriesReport {
  readonly combinations: number;
  /** Expected and actual deliveries of the batch. */
  readonly expected: number;
  readonly delivered: number;
  readonly kills: number;
  /** Facts beyond the first of a delivery. */
  readonly twice: number;
  readonly missing: number;
  /** Counters and lists of a gateway that differ from a recount of the stream. */
  readonly miscounted: number;
  readonly partsRedone: number;
  readonly wrongFiles: number;
  readonly strayFiles: number;
  readonly orphans: number;
}

export interface DeliveriesOptions {
  readonly combinations: number;
  readonly kills: number;
  readonly seed: number;
  /** Folder for logs of runs with findings. */
  readonly logFolder: string;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Long enough that work on a busy machine is not taken over; repeated redeliveries would give it up. */
const ACK_WAIT_SECONDS = 5;
/** A problem of one delivery often affects thousands. */
const MAX_PROBLEMS = 50;

type Findings = { readonly report: DeliveriesReport; readonly problems: string[] };

/**
 * Runs one batch of many deliveries while its services are killed throughout, then checks each delivery, file and
 * receipt, and the counters of gateways against a recount of the stream.
 */
export async function runDeliveries(options: DeliveriesOptions): Promise<Findings> {
  const database = await mkdtemp(join(tmpdir(), "polyreel-deliveries-"));
  try {
    await using system = await ChaosSystem.start({
      GATEWAY_DATABASE: join(database, "read-model"),
      POLYREEL_ACK_WAIT_SECONDS: String(ACK_WAIT_SECONDS),
    });
    const { report, problems } = await deliver(system, options);
    const end = await system.end();
    problems.push(...end.problems);
    if (problems.length > 0) options.print(`Logs are in ${await keepLogs(system, options.seed, options.logFolder)}`);
    const strayFiles = report.strayFiles + end.strayFiles;
    const more = problems.length - MAX_PROBLEMS;
    const named = more > 0 ? [...problems.slice(0, MAX_PROBLEMS), `And ${more} more.`] : problems;
    return { report: { ...report, strayFiles, orphans: report.orphans + end.orphans }, problems: named };
  } finally {
    await rm(database, { recursive: true, force: true });
  }
}

async function deliver(system: ChaosSystem, options: DeliveriesOptions): Promise<Findings> {
  const { combinations, seed, signal, print } = options;
  const { pipeline } = system;
  const random = new Random(seed);
  const kills = drawKills(random, options.kills);
  const batch = await deliveryBatch(pipeline, combinations, seed);
  await using parts = new PartWitness(pipeline);
  const batchId = await submitUntilAccepted(system, batch, randomUUID());
  const isOver = new AbortController();
  const killing = killThroughout(system, kills, {
    expected: expectedFacts(combinations),
    signal: AbortSignal.any([signal, isOver.signal]),
  });
  const expected = combinations * DELIVERIES_EACH;
  const hasEnded = await followToEnd(system, batchId, { expected, signal, print }).finally(() => isOver.abort());
  const killed = await killing;
  print(`${hasEnded ? "finished" : "stuck"} after ${killed} kills; auditing`);
  const left = await whatIsLeft(system, new Set([batchId]));
  const audit = await auditAll(system, batchId, { combinations, random });
  const redone = (await parts.rewritten()).map((key) => `The part ${key} was written again.`);
  const problems = [
    ...(hasEnded ? [] : ["The batch did not end."]),
    ...[...audit.problems, ...redone, ...left.words],
    ...system.fallen.map((name) => `The ${name} ended by itself.`),
  ];
  const report = {
    ...{ combinations, expected, ...audit.report, kills: killed },
    partsRedone: Math.max(redone.length, audit.report.partsRedone),
    strayFiles: audit.report.strayFiles + left.files,
    orphans: left.orphans,
  };
  return { report, problems };
}

/**
 * Each at a random time of its share of the run. Kills services and their programs: a killed nats-server may lose the
 * state of its consumers, and redeliver old work as new.
 */
const drawKills = (random: Random, count: number): Kill[] =>
  Array.from({ length: count }, (_, i) => {
    const { victims, ...kill } = drawKill(random);
    const mortal = victims.filter((victim) => victim !== "nats");
    return {
      ...kill,
      victims: mortal.length > 0 ? mortal : [random.pick(SERVICES)],
      after: (i + random.next()) / count,
    };
  });

/** A plan per combination, a layout per output, a fact per delivery; the parts' facts come first. */
const expectedFacts = (combinations: number): number => combinations * (1 + OUTPUTS.length + DELIVERIES_EACH);

async function auditAll(
  system: ChaosSystem,
  batchId: string,
  { combinations, random }: { combinations: number; random: Random },
) {
  const { pipeline } = system;
  await system.ready();
  const recounted = recount(await readStream(pipeline.nats.url, batchId), OUTPUTS.length);
  const expected = { combinations, deliveriesEach: DELIVERIES_EACH };
  const facts = auditFacts(recounted, expected);
  const inDatabase = auditAnswers(await answersOf(pipeline, batchId), recounted, expected);
  const inMemory = auditAnswers(await answersInMemory(pipeline, batchId), recounted, expected);
  const miscounted = [
    ...inDatabase.map((problem) => `The read model in a database: ${problem}`),
    ...inMemory.map((problem) => `The read model in memory: ${problem}`),
  ];
  // A batch is finished before its manifests are written.
  for (const folder of FOLDERS) await manifestOf(pipeline, folder).catch(() => []);
  const served = async (path: string) => Buffer.from(await (await fetch(pipeline.url + path)).arrayBuffer());
  const place = { out: pipeline.out, batchId, folders: FOLDERS, served };
  const outputs = await auditOutputs(place, recounted.delivered, random);
  const pictures = await strayPictures(pipeline, batchId, recounted);
  return {
    report: {
      ...{ delivered: facts.delivered, twice: facts.twice, missing: facts.missing, miscounted: miscounted.length },
      ...{ partsRedone: recounted.madeAgain, wrongFiles: outputs.wrong, strayFiles: outputs.stray + pictures.length },
    },
    problems: [...facts.problems, ...miscounted, ...outputs.problems, ...pictures],
  };
}

/** Pictures in the store without an output, or missing. */
async function strayPictures({ store }: Pipeline, batchId: string, { delivered }: Recount): Promise<string[]> {
  const names = await readdir(join(store, "tenants", "default", "outputs", batchId)).catch((): string[] => []);
  const certified = new Set(
    delivered.flatMap(({ certificate }) =>
      certificate?.operation.case === "picture" ? certificate.operation.value.sha256 : [],
    ),
  );
  return [
    ...names.filter((name) => !certified.has(name)).map((name) => `The store has ${name}, which is of no output.`),
    ...[...certified].filter((name) => !names.includes(name)).map((name) => `The store lacks ${name} of an output.`),
  ];
}
