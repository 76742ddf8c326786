import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPlatform, type Platform } from "@polyreel/pipeline";
import { Releasers, type Running } from "@polyreel/platform";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { type NatsServer, startNatsServer } from "@polyreel/platform/stream";
import { type GatewayConfig, gatewayDefaults } from "../config.js";
import { startGateway } from "../service.js";

/** A gateway on a free port with its own nats-server and store; and the same platform for simulating other services. */
export interface RunningGateway extends Running {
  readonly url: string;
  readonly port: number;
  readonly config: GatewayConfig;
  readonly nats: NatsServer;
  readonly platform: Platform;
  /** Closes only the gateway. */
  closeGateway(): Promise<void>;
}

export async function runGateway(overrides: Partial<GatewayConfig> = {}): Promise<RunningGateway> {
  const releasers = new Releasers();
  const folder = await mkdtemp(join(tmpdir(), "polyreel-gateway-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  const nats = releasers.use(await startNatsServer());
  const config: GatewayConfig = {
    ...gatewayDefaults,
    natsUrl: nats.url,
    natsAccess: {},
    store: readStoreConfig({ POLYREEL_STORE: join(folder, "store") }),
    streamMaxBytes: 64 * 1024 ** 2,
    ackWaitMs: 20_000,
    outageWaitMs: 600_000,
    streamReplicas: 1,
    logLevel: "silent",
    logStream: "stdout",
    telemetry: {},
    ops: { host: "127.0.0.1", port: undefined },
    port: 0,
    graceSeconds: 2,
    ...overrides,
  };
  const platform = releasers.use(await openPlatform("test", config, { declaresStream: true }));
  const gateway = await startGateway(config);
  let closed: Promise<void> | undefined;
  const closeGateway = () => (closed ??= gateway.close());
  releasers.add(closeGateway);
  return {
    url: gateway.url,
    port: gateway.port,
    config,
    nats,
    platform,
    closeGateway,
    close: () => releasers.close(),
  };
}
