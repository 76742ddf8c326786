import { make, plain, tone } from "../gallery/make.js";
import type { Media } from "../property/draw-batch.js";
import { makeFootage, put } from "../testing/media.js";
import type { Pipeline } from "../testing/pipeline.js";
import { drawTrial, type Trial } from "./draw-trial.js";
import { keepLogs } from "./keep-logs.js";
import { ChaosSystem } from "./system.js";
import { runTrial, type Tally, type TrialResult } from "./trial.js";

export interface ChaosReport extends Tally {
  readonly trials: number;
}

export interface ChaosOptions {
  readonly trials: number;
  /** The first trial's; each further one's is one more. */
  readonly seed: number;
  /** Folder for logs of failed trials. */
  readonly logFolder: string;
  readonly signal: AbortSignal;
  /** Receives a line per trial. */
  readonly print: (line: string) => void;
}

/** After this many trials all services are restarted: leftovers of a trial may show only then. */
const TRIALS_OF_A_SYSTEM = 25;

/** Runs trials one after the other on a running system, until one fails. Returns a summary. */
export async function runChaos(options: ChaosOptions): Promise<{ report: ChaosReport; problems: string[] }> {
  const { trials, seed, signal, print } = options;
  let report: ChaosReport = { trials: 0, ...NOTHING };
  const problems: string[] = [];
  while (report.trials < trials) {
    await using system = await ChaosSystem.start();
    const media = await makeMedia(system.pipeline);
    let wrong = false;
    for (let i = 0; i < TRIALS_OF_A_SYSTEM && report.trials < trials && !wrong; i++) {
      signal.throwIfAborted();
      const trial = drawTrial(seed + report.trials, media);
      const result = await runTrial(system, trial);
      report = plus(report, result);
      wrong = isBad(result);
      print(describe(trial, result));
      if (wrong) {
        problems.push(...problemsOf(trial, result));
        for (const problem of problemsOf(trial, result)) print(problem);
        print(`Its logs are in ${await keepLogs(system, trial.seed, options.logFolder)}`);
      }
    }
    const left = await system.end();
    problems.push(...left.problems);
    for (const problem of left.problems) print(problem);
    report = { ...report, orphans: report.orphans + left.orphans, strayFiles: report.strayFiles + left.strayFiles };
  }
  return { report, problems };
}

const NOTHING: Tally = {
  ...{
    kills: 0,
    stops: 0,
    cancels: 0,
    retries: 0,
    deletes: 0,
    resubmissions: 0,
    accepted: 0,
    delivered: 0,
    failed: 0,
    lost: 0,
  },
  ...{ duplicated: 0, partsRedone: 0, orphans: 0, strayFiles: 0 },
};
const COUNTS = Object.keys(NOTHING) as (keyof Tally)[];
/** None of these may occur. */
const BAD = ["lost", "duplicated", "partsRedone", "orphans", "strayFiles"] as const;

const plus = (report: ChaosReport, result: Tally): ChaosReport => ({
  trials: report.trials + 1,
  ...(Object.fromEntries(COUNTS.map((key) => [key, report[key] + result[key]])) as unknown as Tally),
});

const isBad = (result: TrialResult): boolean => result.problems.length > 0 || BAD.some((key) => result[key] > 0);

function describe({ seed, batches, kills }: Trial, result: TrialResult): string {
  const victims = kills.map(({ victims, stops }) => `${victims.join("+")}${stops ? " (stopped)" : ""}`).join(", ");
  const fates = batches.map(({ fate }) => fate).filter((fate) => fate !== "run");
  const counts = `${result.delivered} delivered, ${result.failed} failed of ${result.accepted}`;
  const about = `${[`${batches.length} batches`, ...fates].join(", ")}, killed ${victims}: ${counts}, ${result.seconds.toFixed(1)} s`;
  return `${isBad(result) ? "WRONG" : "right"}  seed ${seed}: ${about}`;
}

const problemsOf = ({ seed }: Trial, result: TrialResult): string[] => [
  ...BAD.filter((key) => result[key] > 0).map((key) => `seed ${seed}: ${key} ${result[key]}`),
  ...result.problems.map((problem) => `seed ${seed}: ${problem}`),
];

/** Short and small; one of them takes a second or more to encode. */
async function makeMedia(pipeline: Pipeline): Promise<Media> {
  const film = async (name: string, size: string, hertz: number, seconds: number) =>
    put(pipeline, await makeFootage(pipeline.folder, name, { seconds, size, hertz, sound: hertz > 0 }));
  return {
    footage: [
      await film("a.mp4", "64x64", 440, 0.6),
      await film("b.mp4", "96x48", 660, 0.8),
      await film("c.mp4", "48x96", 0, 0.6),
      await film("d.mp4", "640x360", 550, 4),
    ],
    stills: [await make(pipeline, "s.png", { picture: plain("orange", 1, "64x64") })],
    beds: [
      await make(pipeline, "m.wav", { sound: tone(220, 1) }),
      await make(pipeline, "n.wav", { sound: tone(330, 0.2) }),
    ],
  };
}
