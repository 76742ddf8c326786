import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { startCanary } from "../testing/canary.js";
import type { Pipeline, ServiceName, ServiceProcess } from "../testing/pipeline.js";
import type { Attack, AttackContext } from "./attack.js";
import { commandLine } from "./command-line.js";
import { requests } from "./requests.js";

/** Limit for the gateway's CPU time per request; others are served meanwhile. */
const CPU_SECONDS = 2.5;
const OTHERS_MS = 2500;
/** Attacks have their own deadlines; this is for those that hang beyond them. Some run a whole command three times. */
const HANG_MS = 120_000;
/** Time for services to finish with a cancelled batch. */
const IDLE_MS = 15_000;
const TICKS_A_SECOND = 100;

interface AttackOptions {
  /** Number of the only attack to run. */
  readonly only: number | undefined;
  /** Factor for limits: other work runs concurrently. */
  readonly slack: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Runs all attacks, one after the other, or a single one; returns what is wrong. */
export async function runAttacks(context: AttackContext, { only, slack, signal, print }: AttackOptions) {
  const all = [...requests(), ...commandLine()].map((attack, i) => ({ ...attack, number: i + 1 }));
  const attacks = all.filter(({ number }) => only === undefined || number === only);
  const problems: string[] = [];
  await startCheckThread(context);
  for (const attack of attacks) {
    signal.throwIfAborted();
    const found = await runAttack(attack, context, slack);
    const name = `attack ${attack.number}, ${attack.name}`;
    print(`${found.length > 0 ? "WRONG" : "right"}  ${name}${found.map((one) => `: ${one}`).join("")}`);
    problems.push(...found.map((one) => `${name}: ${one}`));
  }
  return { attacks: attacks.length, problems };
}

/** The first large request starts the gateway's thread for those: a second of work, once. */
async function startCheckThread({ pipeline }: AttackContext): Promise<void> {
  await pipeline.batches.submitBatch({ requestId: "x".repeat(100_000) }).catch(() => {});
}

async function runAttack({ run }: Attack, context: AttackContext, slack: number): Promise<string[]> {
  const { pipeline } = context;
  const problems: string[] = [];
  const canary = startCanary(pipeline.url, OTHERS_MS * slack, () => {});
  const before = await cpuSeconds(pipeline, "gateway");
  const began = performance.now();
  const running = run(context).catch((error: unknown) => String(error));
  const hangs = delay(HANG_MS, "hangs" as const, { ref: false });
  const outcome = await Promise.race([running, hangs]);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (outcome) problems.push(outcome === "hangs" ? `no answer in ${seconds} s` : outcome);
  const cpu = (await cpuSeconds(pipeline, "gateway")) - before;
  if (cpu > CPU_SECONDS * slack) problems.push(`${cpu.toFixed(1)} s of the gateway's processor time`);
  const waited = Math.max(canary.latencies().max, Number.isFinite(canary.waitingMs) ? canary.waitingMs : 0);
  if (waited > OTHERS_MS * slack) problems.push(`others waited ${(waited / 1000).toFixed(1)} s`);
  await canary.close(); // Its calls are work too.
  problems.push(...(await calmed(pipeline)));
  return problems;
}

/** Waits until services are idle; restarts those that are not, or that ended. */
async function calmed(pipeline: Pipeline): Promise<string[]> {
  const problems: string[] = [];
  const names = Object.keys(pipeline.services) as ServiceName[];
  const isDown = ({ child }: ServiceProcess) => child.exitCode !== null || child.signalCode !== null;
  // All are watched at the same time: each takes a quarter of a second to be seen at rest.
  const calm = await Promise.all(
    names.map(async (name) => !isDown(pipeline.services[name]) && (await isIdle(pipeline, name))),
  );
  for (const [i, name] of names.entries()) {
    const service = pipeline.services[name];
    if (isDown(service)) problems.push(`the ${name} ended by itself`);
    else if (calm[i]) continue;
    else {
      problems.push(`the ${name} still works ${IDLE_MS / 1000} s later`);
      await service.kill("SIGKILL");
    }
    pipeline.services[name] = pipeline.start(name);
    if (name === "gateway") await pipeline.services[name].logged(/^listening/);
  }
  return problems;
}

/** Whether it becomes idle: a quarter of a second in which it is mostly neither running nor runnable. */
async function isIdle(pipeline: Pipeline, name: ServiceName): Promise<boolean> {
  for (const until = Date.now() + IDLE_MS; Date.now() < until; ) {
    let running = 0;
    for (let i = 0; i < 10; i++) {
      await delay(25);
      if ((await statOf(pipeline, name))[0] === "R") running++;
    }
    if (running < 5) return true;
  }
  return false;
}

/** User and system time of a service so far. */
async function cpuSeconds(pipeline: Pipeline, name: ServiceName): Promise<number> {
  const fields = await statOf(pipeline, name);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_A_SECOND;
}

/** Its fields in /proc from the state on; empty if there are none (macOS). */
async function statOf({ services }: Pipeline, name: ServiceName): Promise<string[]> {
  const text = await readFile(`/proc/${services[name].child.pid}/stat`, "utf8").catch(() => "");
  return text === "" ? [] : text.slice(text.lastIndexOf(")") + 2).split(" ");
}
