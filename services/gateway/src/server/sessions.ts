import type { Http2Server, ServerHttp2Session } from "node:http2";

/** Ends HTTP/2 connections: those without a call after a time, and all of them, gently, on `close`. */
export function followSessions(server: Http2Server, idleTimeoutMs: number): { close(): void } {
  const calls = new Map<ServerHttp2Session, number>();
  let closing = false;
  server.on("session", (session) => {
    calls.set(session, 0);
    session.once("close", () => calls.delete(session));
    session.on("error", () => {}); // a client that broke the protocol or went away
    session.setTimeout(idleTimeoutMs, () => {
      if (calls.get(session) === 0) session.close();
    });
    if (closing) session.close();
  });
  server.on("stream", (stream) => {
    const session = stream.session as ServerHttp2Session;
    calls.set(session, (calls.get(session) ?? 0) + 1);
    stream.once("close", () => {
      const open = calls.get(session);
      if (open !== undefined) calls.set(session, open - 1);
    });
  });
  return {
    // GOAWAY: running calls end, new ones go to another connection.
    close() {
      closing = true;
      for (const session of calls.keys()) session.close();
    },
  };
}
