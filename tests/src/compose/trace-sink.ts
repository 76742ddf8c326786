import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Takes traces by OTLP over HTTP, as Jaeger does. */
export async function startTraceSink() {
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === "/v1/traces") bodies.push(await buffer(request));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    /** Whether spans of a service came: its name stands in the clear in them. */
    hasSpansOf: (service: string) => bodies.some((body) => body.includes(service)),
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
