import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, type EventStream, type NatsServer, openStream, startNatsServer } from "@polyreel/platform/stream";
import { freePort } from "@polyreel/platform/testing";
import { filesInTheMaking, processesOf, programsOf } from "../testing/left-behind.js";
import { type Pipeline, type ServiceProcess, startPipeline } from "../testing/pipeline.js";
import type { Kill, Victim } from "./draw-trial.js";
import { Resubmissions } from "./resubmissions.js";

type Service = Exclude<Victim, "nats" | "program">;

/** Short take-over: the default of 20 s would make trials long. */
const ACK_WAIT_SECONDS = 2;
/** A restarted service first sweeps and reads, on a busy machine. */
const READY_MS = 120_000;
const READY = /ready$|^listening/;
/** How long to wait for a program to kill. */
const PROGRAM_MS = 500;
const PROGRAMS = /^(ffmpeg|ffprobe|flite|espeak-ng)$/;

/** All services as processes, two renderers among them, on a nats-server whose data survive it. */
export class ChaosSystem implements AsyncDisposable {
  readonly #running: Map<Service, ServiceProcess>;
  readonly #ended: ServiceProcess[] = [];
  #nats: NatsServer;
  #factCount = 0;
  /** Services that ended by themselves before they were killed. */
  readonly #fell: string[] = [];
  readonly resubmissions = new Resubmissions();

  private constructor(
    private readonly releasers: Releasers,
    private readonly facts: string,
    nats: NatsServer,
    readonly pipeline: Pipeline,
    readonly stream: EventStream,
  ) {
    this.#nats = nats;
    const { gateway, planner, tts, renderer, uploader } = pipeline.services;
    const services = { gateway, planner, tts, renderer, uploader, "other renderer": pipeline.start("renderer") };
    this.#running = new Map(Object.entries(services) as [Service, ServiceProcess][]);
    stream.connection.subscribe("polyreel.>", {
      callback: () => {
        this.#factCount++;
      },
    });
    releasers.add(() => this.#nats.close());
  }

  /** `more`: further variables of the services. */
  static async start(more: NodeJS.ProcessEnv = {}): Promise<ChaosSystem> {
    const releasers = new Releasers();
    try {
      const facts = await mkdtemp(join(tmpdir(), "polyreel-facts-"));
      releasers.add(() => rm(facts, { recursive: true, force: true }));
      const nats = await startNatsServer({ folder: facts, port: await freePort() });
      releasers.add(() => nats.close());
      const env = { POLYREEL_ACK_WAIT_SECONDS: String(ACK_WAIT_SECONDS), GATEWAY_PORT: String(await freePort()) };
      const pipeline = await startPipeline({ ...env, ...more }, { nats });
      const log = createLog("chaos", "silent");
      const connection = await connectNats({ url: nats.url, name: "chaos", log });
      const stream = await openStream(connection, { maxBytes: 10 * 1024 ** 3 });
      const system = new ChaosSystem(releasers, facts, nats, pipeline, stream);
      releasers.add(() => pipeline.close());
      releasers.add(() => connection.close());
      return system;
    } catch (error) {
      await releasers.close();
      throw error;
    }
  }

  /** Number of facts published since the start; some may be missed while the server is down. */
  get factCount(): number {
    return this.#factCount;
  }

  /** Logs of all processes so far, by name. */
  get logs(): { name: string; pid: number; lines: readonly Record<string, unknown>[] }[] {
    return [...this.#ended, ...this.#running.values()].map(({ name, child, log }) => ({
      name,
      pid: child.pid ?? 0,
      lines: log,
    }));
  }

  get servicePids(): Set<number> {
    return new Set([...this.#running.values()].flatMap(({ child }) => child.pid ?? []));
  }

  /** Kills processes at once, and restarts those that do not come back by themselves; returns how many died. */
  async kill({ victims, downMs }: Kill): Promise<number> {
    const services = victims.filter((one): one is Service => one !== "nats" && one !== "program");
    const program = victims.includes("program") ? await this.#someProgram() : undefined;
    const nats = victims.includes("nats");
    this.#fell.push(...services.filter((name) => hasEnded(this.#running.get(name))));
    if (nats) process.kill(this.#nats.pid, "SIGKILL");
    if (program !== undefined) signalIfThere(program, "SIGKILL");
    await Promise.all(services.map((name) => this.#running.get(name)?.kill("SIGKILL")));
    await delay(downMs);
    if (nats) {
      const port = Number(new URL(this.#nats.url).port);
      await this.#nats.close();
      this.#nats = await startNatsServer({ folder: this.facts, port });
    }
    for (const name of services) {
      const died = this.#running.get(name);
      if (died) this.#ended.push(died);
      this.#running.set(name, this.pipeline.start(name === "other renderer" ? "renderer" : name));
    }
    return services.length + Number(nats) + Number(program !== undefined);
  }

  /** Pauses services for a while; returns how many. One that is killed meanwhile stays dead. */
  async pause({ victims, downMs }: Kill): Promise<number> {
    const pids = victims.flatMap((one) => this.#running.get(one as Service)?.child.pid ?? []);
    for (const pid of pids) signalIfThere(pid, "SIGSTOP");
    await delay(downMs);
    for (const pid of pids) signalIfThere(pid, "SIGCONT");
    return pids.length;
  }

  /** Waits until all running services work. */
  async ready(): Promise<void> {
    const none = new AbortController();
    const late = delay(READY_MS, undefined, { signal: none.signal }).catch(() => {});
    const all = [...this.#running.values()].map((service) => service.logged(READY).catch(() => {}));
    await Promise.race([Promise.all(all), late]);
    none.abort();
  }

  async #someProgram(): Promise<number | undefined> {
    for (const until = Date.now() + PROGRAM_MS; Date.now() < until; await delay(5)) {
      const [found] = (await programsOf(this.pipeline)).filter(({ command }) => PROGRAMS.test(basename(command)));
      if (found) return found.pid;
    }
    return undefined;
  }

  /** Services that ended by themselves since they were started. */
  get fallen(): string[] {
    return [...this.#fell, ...[...this.#running].filter(([, service]) => hasEnded(service)).map(([name]) => name)];
  }

  /** Ends all services like a system would; returns the leftovers. */
  async end(): Promise<{ problems: string[]; orphans: number; strayFiles: number }> {
    const running = [...this.#running].filter(([, service]) => !hasEnded(service));
    await this.pipeline.stop();
    // One that was just restarted may be ended before it handles signals.
    const hasBegun = ({ child, log }: ServiceProcess) => child.signalCode !== "SIGTERM" || log.length > 0;
    const unclean = running.filter(([, service]) => service.child.exitCode !== 0 && hasBegun(service));
    const processes = await processesOf(this.pipeline);
    const files = await filesInTheMaking(this.pipeline);
    const problems = [
      ...unclean.map(([name, { child, log }]) => {
        const last = JSON.stringify(log.slice(-2)).slice(0, 1000);
        return `The ${name} ended with ${child.exitCode ?? child.signalCode}, not 0, at the end: ${last}`;
      }),
      ...processes.map(({ pid, command }) => `${command} (${pid}) still ran after the end.`),
      ...files.map((path) => `${path} was left after the end.`),
    ];
    return { problems, orphans: processes.length, strayFiles: files.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.releasers.close();
  }
}

const hasEnded = (service: ServiceProcess | undefined): boolean =>
  service !== undefined && (service.child.exitCode !== null || service.child.signalCode !== null);

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // It has just ended.
  }
}
