import http2 from "node:http2";
import net from "node:net";

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
export const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
export const UNARY = "/polyreel.v1.BatchService/GetBatch";
export const UPLOAD = "/polyreel.v1.SourceService/PutSource";

const left: { destroy(): void }[] = [];

/** Has it ended by `endAll`. */
export function endLater(one: { destroy(): void }): void {
  left.push(one);
}

/** Ends all connections that were opened here. */
export function endAll(): void {
  for (const one of left.splice(0)) one.destroy();
}

/** Opens a connection. */
export function connect(to: number, localAddress = "127.0.0.1"): net.Socket {
  // Half open: a client that does not end its own side when the server has ended its.
  const socket = net.connect({ port: to, host: "127.0.0.1", localAddress, allowHalfOpen: true });
  socket.on("error", () => {});
  endLater(socket);
  return socket;
}

export function session(to: number): http2.ClientHttp2Session {
  const opened = http2.connect(`http://127.0.0.1:${to}`, { createConnection: () => connect(to) });
  opened.on("error", () => {});
  endLater(opened);
  return opened;
}

export function call2(over: http2.ClientHttp2Session, path: string, contentType: string): http2.ClientHttp2Stream {
  const stream = over.request({ ":method": "POST", ":path": path, "content-type": contentType });
  stream.on("error", () => {});
  return stream;
}

type Silent = (to: number, from: string) => net.Socket;

const overSession = (to: number, from: string, path: string, body = ""): net.Socket => {
  const socket = connect(to, from);
  const opened = http2.connect(`http://127.0.0.1:${to}`, { createConnection: () => socket });
  opened.on("error", () => {});
  const call = call2(opened, path, "application/grpc");
  if (body) call.write(body);
  return socket;
};

const writing = (to: number, from: string, text: Buffer | string): net.Socket => {
  const socket = connect(to, from);
  socket.write(text);
  return socket;
};

/** Clients that begin something and leave it there: a call, */
export const CALLS: Silent[] = [
  (to, from) =>
    writing(
      to,
      from,
      `POST ${UNARY} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    ),
  (to, from) => overSession(to, from, UNARY, "\0"),
  (to, from) => overSession(to, from, UPLOAD),
];
/** or not even that. */
export const CONNECTIONS: Silent[] = [
  (to, from) => connect(to, from),
  (to, from) => writing(to, from, PREFACE.subarray(0, 10)),
  (to, from) => writing(to, from, `POST ${UNARY} HTTP/1.1\r\nHost: loc`),
  (to, from) => writing(to, from, Buffer.concat([PREFACE, EMPTY_SETTINGS])),
];
