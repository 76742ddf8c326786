import http from "node:http";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import type { Running } from "@polyreel/platform";
import { PolyreelError } from "@polyreel/platform";
import { type Connection, type ConnectionLimits, Connections } from "./connections.js";
import { OpenCall } from "./open-call.js";
import { detectProtocol } from "./preface.js";
import { followSessions } from "./sessions.js";
import { type CertificateSource, Handshakes } from "./tls/handshakes.js";
import { refusePlaintext } from "./tls/refuse-plaintext.js";
import { dropUnreadBody } from "./unread-body.js";
import { endUnreadStream } from "./unread-stream.js";

/** Each layer of the handler waits for the end of the response. */
const MAX_LISTENERS = 50;

export type Handler = (
  request: http.IncomingMessage | http2.Http2ServerRequest,
  response: http.ServerResponse | http2.Http2ServerResponse,
) => void;

export interface PortOptions extends ConnectionLimits {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Makes the port speak TLS. */
  readonly certificate?: CertificateSource | undefined;
  /** Per HTTP/2 connection. */
  readonly maxConcurrentStreams: number;
  /** Time for a connection to reveal its protocol, for a handshake of TLS, and for an HTTP/1.1 request's headers. */
  readonly headersTimeoutMs: number;
  /** An HTTP/2 connection without any call is closed after this time. */
  readonly firstCallTimeoutMs: number;
  /** One without further calls, after this time; clients reconnect by themselves. */
  readonly idleTimeoutMs: number;
  /** How long calls may continue after `close`, before their connections are cut. */
  readonly graceMs: number;
}

export interface OnePort extends Running {
  readonly host: string;
  readonly port: number;
}

/**
 * One port for gRPC (HTTP/2) and for Connect, gRPC-Web and pages (HTTP/1.1 too): the first bytes of a connection select
 * the server in plaintext, and its handshake in TLS. A port with TLS explains that to clients in plaintext. Silent clients are disconnected after a time, and sooner if others
 * need their room. `close` accepts no new connection, lets running calls finish, and cuts what is left after the grace
 * time. Throws PolyreelError `unavailable` if the port is unavailable.
 */
export async function openPort(handler: Handler, options: PortOptions): Promise<OnePort> {
  let closing = false;
  /** Keyed by what calls refer to: the socket, or the HTTP/2 session over it. */
  const of = new WeakMap<object, Connection>();
  const handshakes = options.certificate && new Handshakes(options.certificate, options.headersTimeoutMs);
  const serve = (connection: Connection | undefined, ...call: Parameters<Handler>) => {
    const [, response] = call;
    response.setMaxListeners(MAX_LISTENERS);
    follow(connection, ...call);
    (handshakes && !connection?.isSecured ? refusePlaintext : handler)(...call);
  };
  const limits = {
    headersTimeout: options.headersTimeoutMs,
    connectionsCheckingInterval: options.headersTimeoutMs, // Interval of checks for the line above.
    requestTimeout: 0, // Uploads may take any time.
  };
  const h1 = http.createServer(limits, (request, response) => {
    // A kept-alive connection would outlive the server: the client is asked to open another one, elsewhere.
    if (closing) response.setHeader("Connection", "close");
    response.once("close", () => closing && setImmediate(() => h1.closeIdleConnections()));
    dropUnreadBody(request, response, options.headersTimeoutMs);
    serve(of.get(request.socket), request, response);
  });
  // The server never listens itself; without this event it never enforces its headers' timeout.
  h1.emit("listening");
  const h2 = http2.createServer(
    { settings: { maxConcurrentStreams: options.maxConcurrentStreams } },
    (request, response) => {
      endUnreadStream(response.stream);
      const { session } = response.stream;
      serve(session && of.get(session), request, response);
    },
  );
  const sessions = followSessions(h2, options);

  const connections = new Connections(options);
  const server = net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => {
    socket.on("error", () => {}); // A client that disconnected; its calls report their own ends.
    const connection = connections.admit(socket);
    if (!connection) return;
    detectProtocol(socket, options.headersTimeoutMs, (protocol) => {
      if (protocol !== "tls" || !handshakes) return open(connection, protocol === "http2");
      handshakes.begin(socket, (secured) => {
        connection.secure(secured);
        open(connection, secured.alpnProtocol === "h2");
      });
    });
  });
  const open = (connection: Connection, isHttp2: boolean) => {
    const { socket } = connection;
    connection.isOpened = true;
    of.set(socket, connection);
    // A session has no reference to its socket; it is created while the server accepts the connection.
    const remember = (session: object) => void of.set(session, connection);
    h2.once("session", remember);
    (isHttp2 ? h2 : h1).emit("connection", socket);
    h2.off("session", remember);
  };
  await listen(server, options);

  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    async close() {
      closing = true;
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const { isOpened, socket } of connections) if (!isOpened) socket.destroy();
      h1.close(() => {}); // Fails because it never listened; ends its timer and idle connections.
      sessions.close();
      const cut = setTimeout(() => {
        for (const { socket } of connections) socket.destroy();
      }, options.graceMs);
      await ended;
      clearTimeout(cut);
      connections.close();
    },
  };
}

function follow(
  connection: Connection | undefined,
  request: Parameters<Handler>[0],
  response: Parameters<Handler>[1],
): void {
  const call = new OpenCall(request, response);
  connection?.begin(call);
  response.once("close", () => connection?.end(call));
}

function listen(server: net.Server, { host, port }: PortOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays registered: a connection that could not be accepted (too many open files) is an error too, and nothing else
    // listens.
    server.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        new PolyreelError(
          "unavailable",
          {
            reason: `The gateway can't listen on ${host}:${port} (${error.code ?? error.message}).`,
            remedy: "End what uses the port, or choose another one: GATEWAY_PORT, or 0 for any that is free.",
          },
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}
