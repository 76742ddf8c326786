import { setTimeout as delay } from "node:timers/promises";
import { Releasers } from "@polyreel/platform";
import {
  type FaultyProxy,
  openTestBucket,
  type ProxiedRequest,
  startFaultyProxy,
  startSeaweed,
} from "@polyreel/platform/testing";
import { Random } from "../property/random.js";
import type { HarnessRun } from "../testing/run-harness.js";
import { auditBucket } from "./audit-bucket.js";
import { startDeliverer } from "./deliverer.js";

/** New outputs for each process, in addition to undelivered ones. */
const OUTPUTS_EACH = 3;
/** A large output takes seven writes, a small one takes one. */
const MAX_WRITES = 14;
/** Longer than a write takes on an idle machine. */
const LONGEST_MS = 30;
const WAIT_MS = 20_000;

interface Options extends HarnessRun {
  readonly kills: number;
  readonly seed: number;
}

export interface S3DeliveriesReport {
  readonly outputs: number;
  readonly kills: number;
  /** Kills between the server's acceptance of a request and its response. */
  readonly unanswered: number;
  readonly requests: number;
  /** Multipart uploads that killed processes left, before the clean-up. */
  readonly abandonedUploads: number;
}

/**
 * Delivers outputs to a versioned bucket while the delivering process is killed repeatedly: at random moments, and after the
 * server accepted a write but before its response arrived. The next process gets the outputs that were not reported as
 * delivered. Then the bucket's history is audited.
 */
export async function runS3Deliveries({ kills, seed, signal, print }: Options) {
  const random = new Random(seed);
  await using releasers = new Releasers();
  const server = releasers.use(await startSeaweed());
  const proxy = releasers.use(await startFaultyProxy(server.port));
  const bucket = await openTestBucket(server, { bucket: "kills", prefix: "ads", versioned: true });
  const job = { address: `s3://kills/ads?endpoint=${proxy.endpoint}`, keys: server.keys, seed };
  const missing = new Set<number>();
  const delivered = (number: number) => void missing.delete(number);
  let outputs = 0;
  let killed = 0;
  let unanswered = 0;
  while (killed < kills) {
    signal.throwIfAborted();
    for (let i = 0; i < OUTPUTS_EACH; i++) missing.add(++outputs);
    const deliverer = startDeliverer({ ...job, numbers: random.shuffled([...missing]), isLast: false }, delivered);
    await deliverer.ready;
    const isHeld = random.chance(0.5);
    const isReached = await untilWrite(proxy, random.whole(1, MAX_WRITES), isHeld, deliverer.ended);
    if (isHeld && isReached) unanswered++;
    if (!isHeld) await delay(random.whole(0, LONGEST_MS));
    deliverer.kill();
    const end = await deliverer.ended;
    if (end === "failed") throw new Error("A delivering process failed.");
    if (end === "killed") killed++;
    release(proxy);
    print(`kill ${killed}${isHeld ? ", unanswered" : ""}: ${outputs - missing.size} of ${outputs} delivered`);
  }
  const abandonedUploads = (await bucket.uploads()).length;
  const last = startDeliverer({ ...job, numbers: [...missing], isLast: true }, delivered);
  const problems = (await last.ended) === "done" ? [] : ["The last process failed."];
  for (const number of missing) problems.push(`Output ${number} was never delivered.`);
  problems.push(...(await auditBucket(bucket, outputs, seed)));
  const requests = proxy.requests.length;
  const report: S3DeliveriesReport = { outputs, kills: killed, unanswered, requests, abandonedUploads };
  return { report, problems };
}

/** A request that changes an object, a record, or an upload. */
const isWrite = ({ method }: ProxiedRequest): boolean => method === "PUT" || method === "POST" || method === "DELETE";

/** Waits until the write of this number is sent; if `isHeld`, until its response arrives, which is withheld. */
async function untilWrite(
  proxy: FaultyProxy,
  number: number,
  isHeld: boolean,
  ended: Promise<unknown>,
): Promise<boolean> {
  let writes = 0;
  let resolve = (_isReached: boolean) => {};
  const reached = new Promise<boolean>((settle) => {
    resolve = settle;
  });
  proxy.onHeld = () => resolve(true);
  proxy.faultOf = (request) => {
    if (!isWrite(request) || ++writes !== number) return undefined;
    if (!isHeld) resolve(true);
    return isHeld ? "held" : undefined;
  };
  const timeout = setTimeout(() => resolve(false), WAIT_MS);
  void ended.then(() => resolve(false));
  const isReached = await reached;
  clearTimeout(timeout);
  return isReached;
}

function release(proxy: FaultyProxy): void {
  proxy.faultOf = () => undefined;
  proxy.onHeld = () => {};
}
