import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Releasers } from "@polyreel/platform";
import {
  type FaultyProxy,
  openTestBucket,
  type ProxiedRequest,
  startFaultyProxy,
  startSeaweed,
  type TestBucket,
} from "@polyreel/platform/testing";
import { Random } from "../property/random.js";
import type { HarnessRun } from "../testing/run-harness.js";
import { startDeliverer } from "./deliverer.js";
import { bytesOf, fileNameOf } from "./test-outputs.js";

/** New outputs for each process; one of them, or none, is large. */
const OUTPUTS_EACH = 4;
/** Half of the deliveries of a process take about so long. */
const LONGEST_MS = 120;
const HELD_WAIT_MS = 20_000;

interface Options extends HarnessRun {
  readonly kills: number;
  readonly seed: number;
}

export interface S3DeliveriesReport {
  readonly outputs: number;
  readonly kills: number;
  /** Kills after the server had accepted a request, and before its answer arrived. */
  readonly unanswered: number;
  readonly requests: number;
  /** Uploads in parts that killed processes left, before the clean-up. */
  readonly abandonedUploads: number;
}

/**
 * Delivers outputs to a versioned bucket while the delivering process is killed again and again: at random moments, and
 * right after the server accepted a write whose answer is held back. Each next process gets what has not been reported as
 * delivered. Then the bucket's own record is audited.
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
    const deliverer = startDeliverer({ ...job, numbers: [...missing], isLast: false }, delivered);
    await deliverer.ready;
    const isHeld = random.chance(0.5);
    if (isHeld) unanswered += (await holdAnswer(proxy, random.whole(1, 6), deliverer.ended)) ? 1 : 0;
    else await delay(random.whole(0, LONGEST_MS));
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
  problems.push(...(await audit(bucket, outputs, seed)));
  const requests = proxy.requests.length;
  const report: S3DeliveriesReport = { outputs, kills: killed, unanswered, requests, abandonedUploads };
  return { report, problems };
}

/** A request that changes an object, a record, or an upload. */
const isWrite = ({ method }: ProxiedRequest): boolean => method === "PUT" || method === "POST" || method === "DELETE";

/** Waits until the server has answered the write of this number, and holds the answer back. */
async function holdAnswer(proxy: FaultyProxy, number: number, ended: Promise<unknown>): Promise<boolean> {
  let writes = 0;
  let held = (_isHeld: boolean) => {};
  const isHeld = new Promise<boolean>((resolve) => {
    held = resolve;
  });
  proxy.onHeld = () => held(true);
  proxy.faultOf = (request) => (isWrite(request) && ++writes === number ? "held" : undefined);
  const timeout = setTimeout(() => held(false), HELD_WAIT_MS);
  void ended.then(() => held(false));
  const result = await isHeld;
  clearTimeout(timeout);
  return result;
}

function release(proxy: FaultyProxy): void {
  proxy.faultOf = () => undefined;
  proxy.onHeld = () => {};
}

/** Compares the bucket's record with what was to be delivered; returns what is wrong. */
async function audit(bucket: TestBucket, outputs: number, seed: number): Promise<string[]> {
  const problems: string[] = [];
  const isRecord = (key: string) => key.includes(".polyreel/");
  const { written, removed } = await bucket.versions();
  const expected = Array.from({ length: outputs }, (_, i) => [`sale/${fileNameOf(i + 1)}`, i + 1] as const);
  for (const [key, number] of expected) {
    const versions = written.filter((one) => one === key).length;
    if (versions !== 1) problems.push(`${key} was written ${versions} times.`);
    if (versions === 0) continue;
    if (sha256(await bucket.read(key)) !== sha256(bytesOf(seed, number))) problems.push(`${key} has wrong bytes.`);
  }
  const names = new Set<string>(expected.map(([key]) => key));
  for (const key of written) if (!names.has(key) && !isRecord(key)) problems.push(`${key} was not to be written.`);
  for (const key of removed) if (!isRecord(key)) problems.push(`${key} was removed.`);
  const isMark = (key: string) => key.endsWith("/.in");
  for (const key of await bucket.keys()) if (isRecord(key) && !isMark(key)) problems.push(`${key} is left.`);
  for (const key of await bucket.uploads()) problems.push(`An upload of ${key} is left.`);
  return problems;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
