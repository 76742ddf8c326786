import { setTimeout as delay } from "node:timers/promises";
import { BatchState } from "@polyreel/contract";
import { type Canary, type Latencies, startCanary } from "../testing/canary.js";
import { type PeakMemory, watchPeakMemory } from "../testing/peak-memory.js";
import { type Pipeline, type ServiceName, startPipeline } from "../testing/pipeline.js";
import { type Corpus, drawCall } from "./draw-call.js";
import { describe, Findings, loggedErrors } from "./findings.js";
import { makeCorpus } from "./make-corpus.js";
import { Sender } from "./send-call.js";

export interface FuzzReport {
  readonly count: number;
  /** Number of answers by code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Distinct answers that blame the server. */
  readonly findings: number;
  /** Services that ended by themselves. */
  readonly crashes: number;
  readonly canary: Latencies;
  readonly peakServiceMb: number;
}

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** Index of the only call to send. */
  readonly only?: number | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Concurrent calls. */
const CONCURRENCY = 6;
const PROGRESS_EVERY = 500;
/** Interval at which accepted batches are cancelled: the fuzz is about calls, not about work. */
const CANCEL_EVERY_MS = 1000;
const CANARY_MS = 1000;
const MAX_SERVICE_MB = 1024;
/** A gateway that answers nothing for this long is restarted. */
const HANG_MS = 25_000;

/** Sends random calls to a complete running system, beside a harmless one that must always be answered. */
export async function runFuzz(options: FuzzOptions): Promise<{ report: FuzzReport; problems: string[] }> {
  const { count, seed, only, print } = options;
  const pipeline = await startPipeline();
  const problems: string[] = [];
  const findings = new Findings();
  let crashes = 0;
  let memory: PeakMemory | undefined;
  let canary: Canary | undefined;
  try {
    const corpus = await makeCorpus(pipeline);
    memory = watchPeakMemory(pipeline);
    canary = startCanary(pipeline.url, CANARY_MS, (ms) => {
      problems.push(`The harmless call took ${ms} ms beside call ${findings.latest} of seed ${seed}.`);
    });
    const indices = only === undefined ? Array.from({ length: count }, (_, i) => i) : [only];
    const restarted = (fallen: ServiceName, why: string) => {
      crashes++;
      problems.push(`The ${fallen} ${why} near call ${findings.latest} of seed ${seed}.`);
    };
    if (only !== undefined) print(shown(seed, only, corpus));
    await sendAll({ ...options, pipeline, corpus, canary, findings, indices, restarted });
    const latencies = canary.latencies();
    const peakServiceMb = Math.round(memory.peaks.service / 2 ** 20);
    for (const finding of findings.all) problems.push(describe(finding, seed));
    for (const { name, log } of Object.values(pipeline.services)) problems.push(...loggedErrors(name, log));
    if (latencies.failed > 0) problems.push(`The harmless call failed ${latencies.failed} times.`);
    if (peakServiceMb > MAX_SERVICE_MB) problems.push(`A service took ${peakServiceMb} MB.`);
    if (!(await isServing(pipeline))) problems.push("The server does not answer at the end.");
    return {
      report: {
        ...{ count: indices.length, codes: findings.codes, findings: findings.all.length, crashes },
        ...{ canary: latencies, peakServiceMb },
      },
      problems,
    };
  } finally {
    await canary?.close();
    await memory?.close();
    await pipeline.close();
  }
}

interface Sending extends FuzzOptions {
  readonly pipeline: Pipeline;
  readonly corpus: Corpus;
  readonly canary: Canary;
  readonly findings: Findings;
  readonly indices: readonly number[];
  restarted(name: ServiceName, why: string): void;
}

async function sendAll(sending: Sending): Promise<void> {
  const { seed, signal, print, pipeline, corpus, findings, indices } = sending;
  const sender = new Sender(pipeline.url);
  const done = new AbortController();
  const supervising = supervise(sending, done.signal);
  let next = 0;
  const sendOn = async () => {
    while (next < indices.length) {
      signal.throwIfAborted();
      const position = next++;
      const call = drawCall(seed, indices[position] as number, corpus);
      findings.add(call, await sender.send(call));
      if ((position + 1) % PROGRESS_EVERY === 0)
        print(`${position + 1} of ${indices.length}, ${findings.all.length} findings`);
    }
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, sendOn));
  } finally {
    done.abort();
    await supervising;
    sender.close();
  }
}

/** Cancels accepted batches, and restarts services that ended or hang. */
async function supervise({ pipeline, canary, restarted }: Sending, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(CANCEL_EVERY_MS);
    if (canary.waitingMs > HANG_MS) await pipeline.services.gateway.kill("SIGKILL");
    for (const service of Object.values(pipeline.services)) {
      const { child, name } = service;
      if (child.exitCode === null && child.signalCode === null) continue;
      restarted(name, child.signalCode === "SIGKILL" ? "hung and was killed" : "ended by itself");
      pipeline.services[name] = pipeline.start(name);
    }
    await cancelLive(pipeline).catch(() => {}); // The canary notices a gateway that is down.
  }
}

async function cancelLive({ batches }: Pipeline): Promise<void> {
  const states = [BatchState.PLANNING, BatchState.RUNNING];
  const { batches: live } = await batches.listBatches({ states, pageSize: 100 }, { timeoutMs: 5000 });
  for (const { batchId } of live) await batches.cancelBatch({ batchId }, { timeoutMs: 5000 }).catch(() => {});
}

const isServing = ({ batches }: Pipeline): Promise<boolean> =>
  batches.listBatches({ pageSize: 1 }, { timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  );

function shown(seed: number, index: number, corpus: Corpus): string {
  const { verb, path, headers, body, how } = drawCall(seed, index, corpus);
  const text = body.toString("latin1").replace(/[^\x20-\x7e]/g, ".");
  return [
    `${verb} ${path}`,
    JSON.stringify(headers),
    how,
    body.toString("hex").slice(0, 4000),
    text.slice(0, 4000),
  ].join("\n");
}
