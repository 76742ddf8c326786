import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CombinationStatus } from "@polyreel/contract";
import { REAL_MEDIA } from "@polyreel/media/testing";
import { Random } from "../property/random.js";
import { combinationsOf, endOf, submit } from "../testing/batches.js";
import { audio, bed, footage, still, text, video } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, type ServiceName, startPipeline } from "../testing/pipeline.js";
import { drawCase, type HostileCase } from "./draw-case.js";
import { type InputResults, processInputs } from "./input-problems.js";
import { judge } from "./judge.js";
import { runAttacks } from "./run-attacks.js";
import { makeSpecimens } from "./specimens.js";
import { streams } from "./streams.js";
import { allTraps } from "./traps.js";
import { startWitness, type Witness } from "./witness.js";

/** Summary in the last line of `--json`. */
export interface HostileReport {
  readonly count: number;
  /** Expensive requests and command lines, and the number of problems with their answers. */
  readonly attacks: number;
  readonly attackFindings: number;
  readonly delivered: number;
  readonly refused: number;
  /** Outputs of random operations, with the files as inputs. */
  readonly outputsDelivered: number;
  readonly outputsRefused: number;
  /** Neither a correct video nor a clear error. */
  readonly wrong: number;
  /** Services that ended by themselves. */
  readonly crashes: number;
  /** Batches that did not end in time. */
  readonly hangs: number;
  readonly innerFetches: number;
  readonly fileReads: number;
  readonly peakProgramMb: number;
  readonly peakServiceMb: number;
}

export interface HostileOptions {
  readonly count: number;
  readonly seed: number;
  /** Whether requests and command lines are sent too, each once. */
  readonly attacks: boolean;
  /** Number of the only attack to send. */
  readonly attack?: number | undefined;
  /** Factor for the time limits of attacks; 1 by default. */
  readonly slack?: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Cases per round, whose batches run concurrently. */
const CASES_OF_A_ROUND = 45;
/** A round takes about half a minute; one that exceeds all of its deadlines hangs. */
const ROUND_SECONDS = 300;
const CANVAS = { width: 64, height: 64 };
/** Part of the footage that is used, short so that many cases are quick. */
const TRIM = { duration: durationOf(0.4) };

/** Processes hostile files like any others: uploaded, probed, encoded, mixed, joined, delivered, by the real services. */
export async function runHostile(options: HostileOptions): Promise<{ report: HostileReport; problems: string[] }> {
  const { count, seed, signal, print } = options;
  const pipeline = await startPipeline();
  const problems: string[] = [];
  const sums = { delivered: 0, refused: 0, outputsDelivered: 0, outputsRefused: 0, wrong: 0, crashes: 0, hangs: 0 };
  let witness: Witness | undefined;
  try {
    witness = await startWitness(pipeline);
    const good = await put(pipeline, await makeFootage(pipeline.folder, "good.mp4", { seconds: 0.4, size: "64x64" }));
    const specimens = await makeSpecimens(pipeline.folder, REAL_MEDIA);
    const traps = [...allTraps(witness.bait), ...(await streams(pipeline.folder))];
    const random = new Random(seed);
    const attackContext = { pipeline, good, baitUrl: witness.bait.url };
    const attacked = options.attacks
      ? await runAttacks(attackContext, { only: options.attack, slack: options.slack ?? 1, signal, print })
      : { attacks: 0, problems: [] };
    problems.push(...attacked.problems);
    for (let done = 0; done < count; ) {
      signal.throwIfAborted();
      const size = Math.min(CASES_OF_A_ROUND, count - done);
      const cases = Array.from({ length: size }, (_, i) => drawCase(done + i, random, specimens, traps));
      const began = performance.now();
      const { ended, inputs } = await runRound(pipeline, cases, good, new Random(seed * 1e6 + done));
      problems.push(...inputs.problems);
      sums.wrong += inputs.problems.length;
      sums.hangs += inputs.hangs;
      sums.outputsDelivered += inputs.delivered;
      sums.outputsRefused += inputs.refused;
      for (const one of cases) {
        const status = ended.get(one.label);
        const verdict = status ? await judge(pipeline, status) : undefined;
        sums[verdict?.kind ?? "wrong"]++;
        if (verdict?.kind === "wrong") problems.push(`${one.label}, ${one.how}: ${verdict.what}`);
        if (!verdict) problems.push(`${one.label}, ${one.how}: nothing came of it`);
      }
      if (ended.size < cases.length) sums.hangs++;
      for (const name of restartFallen(pipeline)) {
        sums.crashes++;
        problems.push(`The ${name} ended by itself, at one of the cases ${done} to ${done + size - 1}.`);
      }
      done += size;
      print(`${done} of ${count}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
    const fileReads = Number((await witness.wasRead()) ?? false);
    const { connections: innerFetches, peaks } = witness;
    if (fileReads > 0) problems.push("A file that a source names was read.");
    if (innerFetches > 0) problems.push(`An address that a source names was requested ${innerFetches} times.`);
    const attackCounts = { attacks: attacked.attacks, attackFindings: attacked.problems.length };
    const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
    const memory = { peakProgramMb: megabytes(peaks.program), peakServiceMb: megabytes(peaks.service) };
    return { report: { count, ...attackCounts, ...sums, innerFetches, fileReads, ...memory }, problems };
  } finally {
    await witness?.close();
    await pipeline.close();
  }
}

/** Runs the cases in as few batches as possible; returns the result of each, by its label. */
async function runRound(
  pipeline: Pipeline,
  cases: readonly HostileCase[],
  good: string,
  random: Random,
): Promise<{ ended: Map<string, CombinationStatus>; inputs: InputResults }> {
  const hashes = new Map<string, string>();
  for (const { label, bytes } of cases) {
    const path = join(pipeline.folder, "hostile");
    await writeFile(path, bytes);
    hashes.set(label, bytes.length > 0 ? await put(pipeline, path) : "");
  }
  const of = (use: HostileCase["use"]) => cases.filter((one) => one.use === use);
  const hashOf = ({ label }: HostileCase) => hashes.get(label) ?? "";
  const named = (one: HostileCase) => ({ location: { case: "sha256" as const, value: hashOf(one) }, name: one.name });
  const pictures = [
    ...of("footage").map((one) => footage(one.label, hashOf(one), { trim: TRIM })),
    ...of("still").map((one) => still(one.label, hashOf(one))),
  ];
  const behind = video("good", { choices: [footage("good", good)] });
  const beds = of("bed").map((one) => bed(one.label, hashOf(one)));
  const batches = [
    ...(pictures.length > 0 ? [[video("hostile", { choices: pictures })]] : []),
    ...(beds.length > 0 ? [[behind, audio("hostile", { choices: beds })]] : []),
    ...of("font").map((one) => [
      behind,
      text("hostile", { fontFile: named(one), choices: [{ label: one.label, text: "Now" }] }),
    ]),
  ];
  const ended = new Map<string, CombinationStatus>();
  const inputs = processInputs(pipeline, cases, { hashOf, random, withinSeconds: ROUND_SECONDS });
  await Promise.all(
    batches.map(async (blocks) => {
      const batchId = await submit(pipeline, { canvas: CANVAS, blocks });
      const { combinations } = await endOf(pipeline, batchId, { withinSeconds: ROUND_SECONDS }).catch(async () => ({
        combinations: (await combinationsOf(pipeline, batchId)).filter(({ failure, path }) => failure || path),
      }));
      for (const one of combinations) {
        const label = one.choices.find(({ block }) => block === "hostile")?.choice;
        if (label) ended.set(label, one);
      }
    }),
  );
  return { ended, inputs: await inputs };
}

/** Restarts services that ended by themselves, for the next cases; returns which. */
function restartFallen(pipeline: Pipeline): ServiceName[] {
  const fallen = Object.values(pipeline.services).filter(
    ({ child }) => child.exitCode !== null || child.signalCode !== null,
  );
  for (const { name } of fallen) pipeline.services[name] = pipeline.start(name);
  return fallen.map(({ name }) => name);
}
