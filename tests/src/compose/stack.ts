import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, SourceService } from "@polyreel/contract";
import { startPostgres } from "@polyreel/gateway/testing";
import { composed } from "@polyreel/platform";
import { guardArguments } from "@polyreel/platform/process";
import { startNatsServer } from "@polyreel/platform/stream";
import { freePort } from "@polyreel/platform/testing";
import { type ServiceName, startService } from "../testing/pipeline.js";
import { imageEnvironment, readCompose } from "./compose-file.js";
import { loopback } from "./loopback.js";
import { startTraceSink } from "./trace-sink.js";

const NAMES: readonly ServiceName[] = ["gateway", "planner", "tts", "renderer", "uploader"];

/**
 * The default profile of docker-compose.yml as processes of this machine: nats-server, PostgreSQL, a receiver of traces and the five
 * services, with the environment of their containers. Only addresses, ports and folders differ. `programs` are PostgreSQL's.
 */
export function startStack(programs: string) {
  return composed(async (releasers) => {
    const [compose, image] = await Promise.all([readCompose(), imageEnvironment()]);
    const folder = await mkdtemp(join(tmpdir(), "polyreel-stack-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    const volumes = ["nats", ...NAMES]
      .flatMap((name) => compose[name]?.volumes ?? [])
      .map((volume) => volume.split(":"));
    const folders = Object.fromEntries(volumes.map(([source = "", target = ""]) => [target, join(folder, source)]));
    // As the image has them.
    for (const one of [...Object.values(folders), join(folder, "data/work")]) await mkdir(one, { recursive: true });

    const postgres = releasers.use(await startPostgres(programs));
    const database = new URL(await postgres.database(compose.postgres?.environment?.POSTGRES_DB));
    const nats = releasers.use(await startNatsServer({ folder: folders["/stream"] ?? "" }));
    const traces = releasers.use(await startTraceSink());
    const ports = { nats: portOf(nats.url), postgres: portOf(database.href), jaeger: traces.port };

    const node = await guardArguments(process.execPath);
    const ops = {} as Record<ServiceName, number>;
    for (const name of NAMES) ops[name] = await freePort();
    const gatewayPort = await freePort();
    const services = NAMES.map((name) => {
      const environment = loopback({ ...image, ...compose[name]?.environment }, { ports, folders });
      // A container has each port for itself.
      if (name === "gateway") environment.GATEWAY_PORT = String(gatewayPort);
      return startService(name, node, { ...environment, POLYREEL_OPS_PORT: String(ops[name]) });
    });
    const stop = () => Promise.all(services.map((service) => service.kill("SIGTERM")));
    releasers.add(stop);
    const url = `http://127.0.0.1:${gatewayPort}`;
    const transport = createGrpcTransport({ baseUrl: url });
    return {
      ...{ folder, videos: folders["/videos"] ?? "", url, ops, traces, services },
      batches: createClient(BatchService, transport),
      sources: createClient(SourceService, transport),
      /** Ends the services as Compose would; returns their exit codes. */
      stop,
      close: () => releasers.close(),
    };
  });
}

const portOf = (url: string): number => Number(new URL(url).port);
