import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Running } from "../../../lifecycle.js";

/**
 * What happens to a request:
 * - `reset`: the connection is reset, and the server does not get the request.
 * - `hang`: there is no response.
 * - `lost`: the server executes it, and its response is lost.
 * - `held`: the server executes it, and its response is withheld; `onHeld` is called.
 * - `cut`: the connection ends in the middle of the response.
 * - `slow`: the response arrives in pieces, with pauses.
 * - `damaged-request`, `damaged-answer`: the last byte is changed.
 * - a canned response: the server does not get the request.
 */
export type Fault = "reset" | "hang" | "lost" | "held" | "cut" | "slow" | "damaged-request" | "damaged-answer" | Canned;

export interface Canned {
  readonly status: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const refusal = (status: string, code: string, headers: Readonly<Record<string, string>> = {}): Canned => ({
  status,
  headers,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>of the test</Message></Error>`,
});

export interface ProxiedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** From 1. */
  readonly number: number;
}

export interface FaultyProxy extends Running {
  readonly endpoint: string;
  readonly requests: readonly ProxiedRequest[];
  /** Connections of clients that are open. */
  readonly connections: number;
  /** Which fault a request gets; undefined for none. */
  faultOf: (request: ProxiedRequest) => Fault | undefined;
  /** Called when a response is withheld. */
  onHeld: () => void;
}

const REQUEST = /^(GET|HEAD|PUT|POST|DELETE) (\S+) HTTP\/1\.1\r\n/;
const CONTINUE = "HTTP/1.1 100";
const PAUSE_MS = 5;
const PIECES = 4;

/** A TCP proxy in front of an S3 server that subjects its requests to the faults of networks and servers. */
export async function startFaultyProxy(port: number): Promise<FaultyProxy> {
  const requests: ProxiedRequest[] = [];
  const sockets = new Set<Socket>();
  const proxy: Pick<FaultyProxy, "faultOf" | "onHeld"> = { faultOf: () => undefined, onHeld: () => {} };
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    let fault: Fault | undefined;
    let written: Promise<void> = Promise.resolve();
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    sockets.add(client);
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
    client.on("close", () => sockets.delete(client));
    client.on("data", (chunk) => {
      const [, method, path] = REQUEST.exec(chunk.toString("latin1", 0, 4096)) ?? [];
      if (method && path) {
        const request = { method, path, number: requests.length + 1 };
        requests.push(request);
        fault = proxy.faultOf(request);
      }
      if (fault === "reset") {
        client.resetAndDestroy();
        upstream.destroy();
      } else if (typeof fault === "object") {
        client.end(textOf(fault));
      } else if (fault === "damaged-request") {
        upstream.write(otherEnd(chunk));
      } else if (fault !== "hang") upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      // An interim response.
      const isContinue = chunk.toString("latin1", 0, CONTINUE.length) === CONTINUE;
      if (isContinue) client.write(chunk);
      else if (fault === "lost") end();
      else if (fault === "held") proxy.onHeld();
      else if (fault === "cut") client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), end);
      else if (fault === "damaged-answer") client.write(otherEnd(chunk));
      else if (fault === "slow") written = written.then(() => writeSlowly(client, chunk));
      else client.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return sockets.size;
    },
    get faultOf() {
      return proxy.faultOf;
    },
    set faultOf(faultOf) {
      proxy.faultOf = faultOf;
    },
    get onHeld() {
      return proxy.onHeld;
    },
    set onHeld(onHeld) {
      proxy.onHeld = onHeld;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function textOf({ status, headers = {}, body = "" }: Canned): string {
  const all = { ...headers, connection: "close", "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}`;
}

/** Changes bodies only, not headers. */
function otherEnd(chunk: Buffer): Buffer {
  if (chunk.toString("latin1").endsWith("\r\n\r\n")) return chunk;
  const other = Buffer.from(chunk);
  other.writeUInt8((other.at(-1) ?? 0) ^ 1, other.length - 1);
  return other;
}

async function writeSlowly(socket: Socket, chunk: Buffer): Promise<void> {
  const size = Math.ceil(chunk.length / PIECES);
  for (let at = 0; at < chunk.length; at += size) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    socket.write(chunk.subarray(at, at + size));
  }
}
