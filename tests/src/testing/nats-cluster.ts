import { createServer } from "node:net";
import { Releasers, type Running } from "@polyreel/platform";
import { type NatsServer, startNatsServer } from "@polyreel/platform/stream";

export interface NatsCluster extends Running {
  /** All of its servers, separated by commas. */
  readonly url: string;
  readonly servers: readonly (NatsServer & { readonly name: string })[];
}

/** A cluster of nats-servers as local processes, on free loopback ports. */
export async function startNatsCluster(size: number): Promise<NatsCluster> {
  const ports = await freePorts(size);
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(",");
  const releasers = new Releasers();
  try {
    const servers = await Promise.all(
      ports.map(async (port, i) => {
        const name = `server-${i}`;
        const listen = ["--cluster", `nats://127.0.0.1:${port}`, "--routes", routes];
        const cluster = ["--name", name, "--cluster_name", "polyreel-test", ...listen];
        return { ...releasers.use(await startNatsServer({ cluster })), name };
      }),
    );
    return { url: servers.map(({ url }) => url).join(","), servers, close: () => releasers.close() };
  } catch (error) {
    await releasers.close();
    throw error;
  }
}

/** Free ports: each server must know those of the others before it starts. */
async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      await new Promise<void>((resolve, reject) => {
        probe.once("error", reject);
        probe.listen(0, "127.0.0.1", resolve);
      });
      return probe;
    }),
  );
  const ports = probes.map((probe) => (probe.address() as { port: number }).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
