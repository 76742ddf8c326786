import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  AdminService,
  BatchService,
  DestinationService,
  LinkService,
  SecretService,
  SourceService,
  VoiceService,
} from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { openStore } from "@polyreel/platform/blobs";
import { guardArguments } from "@polyreel/platform/process";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { type NatsServer, startNatsServer } from "@polyreel/platform/stream";

const ROOT = new URL("../../../", import.meta.url);

export type ServiceName = "gateway" | "planner" | "tts" | "renderer" | "uploader";

/** A service as a separate process, started from its main file. */
export interface ServiceProcess {
  readonly name: ServiceName;
  readonly child: ChildProcess;
  /** Its log so far, line by line. */
  readonly log: readonly Record<string, unknown>[];
  /** Resolves with the first line logged whose message matches. */
  logged(message: RegExp): Promise<Record<string, unknown>>;
  /** Sends the signal if it still runs; resolves with its exit code when it has ended, null if by a signal. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** `node` is the command line that runs a script. */
export function startService(name: ServiceName, node: readonly string[], env: NodeJS.ProcessEnv): ServiceProcess {
  const main = fileURLToPath(new URL(`services/${name}/dist/main.js`, ROOT));
  const [program = "", ...before] = node;
  const child = spawn(program, [...before, main], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const log: Record<string, unknown>[] = [];
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const news = new EventEmitter<{ output: [] }>();
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) log.push(JSON.parse(line));
    news.emit("output");
  });
  void ended.then(() => news.emit("output"));
  return {
    name,
    child,
    log,
    async logged(message) {
      for (;;) {
        const found = log.find((line) => message.test(String(line.message)));
        if (found) return found;
        if (child.exitCode !== null || child.signalCode) throw new Error(`${name} ended: ${JSON.stringify(log)}`);
        await once(news, "output");
      }
    },
    async kill(signal) {
      child.kill(signal);
      return await ended;
    },
  };
}

interface PipelineOptions {
  readonly nats?: NatsServer;
  /** Further variables of one service. */
  readonly own?: (name: ServiceName) => NodeJS.ProcessEnv;
}

/**
 * All five services as processes with their own nats-server, store and output folder. Their temporary files are in
 * `folder/tmp`. A given nats-server remains the caller's.
 */
export async function startPipeline(
  env: NodeJS.ProcessEnv = {},
  { nats: given, own = () => ({}) }: PipelineOptions = {},
) {
  const releasers = new Releasers();
  try {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-test-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    const nats = given ?? releasers.use(await startNatsServer());
    const temporary = join(folder, "tmp");
    await mkdir(temporary);
    const common = {
      NATS_URL: nats.url,
      POLYREEL_STORE: join(folder, "store"),
      POLYREEL_OUTPUT: join(folder, "out"),
      GATEWAY_PORT: "0",
      TMPDIR: temporary,
      ...env,
    };
    // A killed test run must not leave services waiting for a nats-server that is gone.
    const node = await guardArguments(process.execPath);
    const started: ServiceProcess[] = [];
    const start = (name: ServiceName, more: NodeJS.ProcessEnv = {}) => {
      const service = startService(name, node, { ...common, ...own(name), ...more });
      started.push(service);
      return service;
    };
    /** Ends all services like a system would; returns the exit codes of those that still ran. */
    const stop = () => {
      const running = started.filter(({ child }) => child.exitCode === null && child.signalCode === null);
      return Promise.all(running.map((service) => service.kill("SIGTERM")));
    };
    releasers.add(stop);
    const services = {
      gateway: start("gateway"),
      planner: start("planner"),
      tts: start("tts"),
      renderer: start("renderer"),
      uploader: start("uploader"),
    };
    const { port } = await services.gateway.logged(/^listening/);
    // A restarted one listens where clients expect it.
    common.GATEWAY_PORT = String(port);
    const url = `http://127.0.0.1:${port}`;
    const transport = createGrpcTransport({ baseUrl: url });
    return {
      url,
      folder,
      out: common.POLYREEL_OUTPUT,
      store: common.POLYREEL_STORE,
      /** The services' store, opened by this process. */
      openStore: () => openStore(readStoreConfig(common)),
      temporary,
      nats,
      services,
      /** Another process of a service, with further variables. */
      start,
      stop,
      batches: createClient(BatchService, transport),
      admin: createClient(AdminService, transport),
      sources: createClient(SourceService, transport),
      voices: createClient(VoiceService, transport),
      destinations: createClient(DestinationService, transport),
      links: createClient(LinkService, transport),
      secrets: createClient(SecretService, transport),
      close: () => releasers.close(),
    };
  } catch (error) {
    await releasers.close();
    throw error;
  }
}

export type Pipeline = Awaited<ReturnType<typeof startPipeline>>;
