import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** A server on a free port of this machine. */
export interface WebServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Number of open connections. */
  readonly open: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Answers requests. */
export const startWebServer = (answer: RequestListener): Promise<WebServer> => listen(createHttpServer(answer));

/** Answers requests, and counts them from 1. */
export async function startCountingServer(
  answer: (count: number, request: IncomingMessage, response: ServerResponse) => void,
): Promise<WebServer & { readonly requests: number }> {
  let requests = 0;
  const server = await startWebServer((request, response) => answer(++requests, request, response));
  return {
    url: server.url,
    get open() {
      return server.open;
    },
    get requests() {
      return requests;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Answers each request with these raw bytes, then ends the connection if `end`. */
export const startRawServer = (answer: string, { end = true } = {}): Promise<WebServer> =>
  listen(
    createServer((socket) => {
      socket.on("error", () => {}); // A client that disconnects.
      socket.once("data", () => (end ? socket.end(answer) : socket.write(answer)));
    }),
  );

async function listen(server: Server): Promise<WebServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
