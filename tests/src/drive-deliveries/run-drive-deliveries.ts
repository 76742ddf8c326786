import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RecordingDrive } from "@polyreel/uploader/drive/testing";
import { Random } from "../property/random.js";
import type { HarnessRun } from "../testing/run-harness.js";
import { auditDrive } from "./audit-drive.js";
import type { DeliveryRun } from "./delivered-files.js";

const PROGRAM = fileURLToPath(new URL("../../dist/drive-deliveries/deliver-files.js", import.meta.url));

/** When a process is killed, relative to one of its requests. */
const MOMENTS = ["as it arrives", "after it is accepted, before its answer", "after its answer"] as const;
type Moment = (typeof MOMENTS)[number];

/** Requests of a batch of 20 files: about 60. */
const LATEST_REQUEST = 60;
const LONGEST_DELAY_MS = 30;

export interface DriveDeliveries {
  readonly kills: number;
  readonly seed: number;
  /** Files of each batch. */
  readonly files: number;
}

/**
 * Delivers batches of one name to a local server that speaks Drive's protocol. The delivering process is killed at
 * random requests, and started again until the batch is delivered. Then each file must be there once, with the right
 * bytes, written once for each change, under the same id as before; no other file, folder or trash may be left.
 */
export async function runDriveDeliveries(
  { kills, seed, files: count }: DriveDeliveries,
  { signal, print }: HarnessRun,
) {
  const random = new Random(seed);
  const folder = await mkdtemp(join(tmpdir(), "polyreel-drive-deliveries-"));
  const server = await RecordingDrive.start();
  const killed: Record<Moment, number> = {
    "as it arrives": 0,
    "after it is accepted, before its answer": 0,
    "after its answer": 0,
  };
  const problems: string[] = [];
  const ids = new Map<string, string>();
  let left = kills;
  let batch = 1;
  try {
    const credentials = join(folder, "drive.json");
    await writeFile(credentials, server.userCredentials());
    for (; left > 0 && problems.length === 0; batch++) {
      // Drive's lists are eventually consistent: half of the batches see none of their own writes in them.
      if (random.chance(0.5)) server.contents.freezeLists();
      const run = { store: join(folder, "store"), credentials, endpoint: server.url, count, batch };
      for (let isDelivered = false; !isDelivered; ) {
        signal.throwIfAborted();
        const moment = left > 0 ? random.pick(MOMENTS) : undefined;
        const at = { request: random.whole(1, LATEST_REQUEST), delayMs: random.whole(0, LONGEST_DELAY_MS) };
        const end = await deliver(run, server, moment && { moment, ...at }, signal);
        isDelivered = end === "delivered";
        if (isDelivered || !moment) continue;
        killed[moment]++;
        left--;
        print(`batch ${batch}: killed at request ${at.request}, ${moment}`);
      }
      server.contents.thawLists();
      problems.push(...auditDrive(server, run, ids));
    }
    const report = { kills: kills - left, killed, batches: batch - 1, requests: server.requests.length };
    return { report, problems: problems.map((problem) => `${problem} (--seed ${seed} --kills ${kills})`) };
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Kill {
  readonly moment: Moment;
  /** The process's number of it, from 1. */
  readonly request: number;
  readonly delayMs: number;
}

/** Runs the process until it ends, or is killed. Throws if it ends by itself without having delivered. */
async function deliver(
  run: DeliveryRun,
  server: RecordingDrive,
  kill: Kill | undefined,
  signal: AbortSignal,
): Promise<"delivered" | "killed"> {
  const child = fork(PROGRAM, [JSON.stringify(run)], { stdio: ["ignore", "ignore", "inherit", "ipc"], signal });
  const exited = once(child, "exit");
  const first = server.requests.length;
  const isIt = (request: (typeof server.requests)[number]) =>
    kill !== undefined && server.requests.indexOf(request) === first + kill.request - 1;
  server.onArrival = (request) => {
    if (kill?.moment === "as it arrives" && isIt(request)) child.kill("SIGKILL");
  };
  server.beforeAnswer = async (request) => {
    if (!isIt(request)) return;
    if (kill?.moment === "after its answer") delay(kill.delayMs).then(() => child.kill("SIGKILL"));
    if (kill?.moment !== "after it is accepted, before its answer") return;
    child.kill("SIGKILL");
    await exited;
  };
  const [code, killedBy] = (await exited) as [number | null, NodeJS.Signals | null];
  server.onArrival = () => {};
  server.beforeAnswer = () => {};
  if (killedBy === "SIGKILL") return "killed";
  if (code !== 0) throw new Error(`The delivering process ended with code ${code}.`);
  return "delivered";
}
