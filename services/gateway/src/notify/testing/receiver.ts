import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Webhook } from "standardwebhooks";

export const SECRET = `whsec_${Buffer.alloc(24, "secret").toString("base64")}`;
export const OTHER_SECRET = `whsec_${Buffer.alloc(24, "another").toString("base64")}`;

export interface Received {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Its event, if its signature is right. */
  readonly event: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** A receiver of webhooks on this machine, which verifies and records them. */
export interface TestReceiver {
  readonly url: string;
  readonly host: string;
  readonly received: Received[];
  /** Number of open connections. */
  readonly open: number;
  [Symbol.asyncDispose](): Promise<void>;
}

export type Answer = (response: ServerResponse, one: Received, count: number) => void;

/** Starts one on a free port; it answers 204 by default. */
export async function startReceiver(
  answer: Answer = (response) => response.writeHead(204).end(),
): Promise<TestReceiver> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const event = new Webhook(SECRET).verify(body, request.headers as Record<string, string>) as Received["event"];
    const { headers, url = "" } = request;
    const one = { id: String(headers["webhook-id"]), path: url, headers, body, event };
    received.push(one);
    answer(response, one, received.length);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/hook`,
    host,
    received,
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
