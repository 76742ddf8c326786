import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PolyreelError } from "../../errors.js";
import type { Running } from "../../lifecycle.js";
import { collectMetrics, type ServeMetrics, show } from "./metrics.js";
import { showProcess } from "./show-process.js";

export interface OpsConfig {
  readonly host: string;
  /** 0 picks a free one; undefined: there is no port for operations. */
  readonly port: number | undefined;
}

/** A service that shares the port with others of its process. */
export interface Probed {
  readonly service: string;
  readonly version: string;
  /** Whether it can work now; what it lacks otherwise. */
  readonly lacks: () => string | undefined;
}

const TIMEOUT_MS = 10_000;

/** One for the process. */
let opened: Promise<{ readonly server: Server; readonly serve: ServeMetrics }> | undefined;
const probed = new Set<Probed>();

/**
 * Serves `/metrics`, `/live` (the process answers) and `/ready` (all of its services can work), on a port for operators only: none of
 * it asks who is calling. The services of a process share it. Throws PolyreelError `precondition` if the port is taken.
 */
export async function openOps(
  { host, port }: OpsConfig,
  service: Probed,
): Promise<Running & { readonly port?: number }> {
  if (port === undefined) return { close: async () => {} };
  opened ??= listen(host, port);
  const { server } = await opened.catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  probed.add(service);
  const { service: name, version, lacks } = service;
  const info = show("polyreel.service.info", () => [{ value: 1, attributes: { service: name, version } }]);
  const ready = show("polyreel.service.ready", () => [
    { value: lacks() === undefined ? 1 : 0, attributes: { service: name } },
  ]);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await info.close();
      await ready.close();
      probed.delete(service);
      if (probed.size > 0) return;
      opened = undefined;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let metrics: Promise<ServeMetrics> | undefined;

async function listen(host: string, port: number) {
  if (!metrics) {
    metrics = collectMetrics();
    showProcess();
  }
  const serve = await metrics;
  const server = createServer({ requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS }, (request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD") return answer(response, 405, "GET only");
    if (path === "/metrics") return serve(request, response);
    if (path === "/live") return answer(response, 200, "live");
    if (path === "/ready") return answerReady(response);
    answer(response, 404, "/metrics, /live, /ready");
  });
  server.unref();
  server.listen(port, host);
  await once(server, "listening").catch((cause: unknown) => {
    throw new PolyreelError(
      "precondition",
      {
        reason: `The port for operations, ${host}:${port}, cannot be opened.`,
        remedy: "Set POLYREEL_OPS_PORT to a free port, another one for each service of this machine.",
      },
      { cause },
    );
  });
  return { server, serve };
}

function answerReady(response: ServerResponse): void {
  const lacking = [...probed].flatMap(({ service, lacks }) => {
    const what = lacks();
    return what === undefined ? [] : [`${service}: ${what}`];
  });
  answer(response, lacking.length === 0 ? 200 : 503, lacking.length === 0 ? "ready" : lacking.join("\n"));
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}
