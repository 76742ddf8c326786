import type { Http2Server, ServerHttp2Session } from "node:http2";

export interface SessionTimeouts {
  /** Until the first call of a connection. */
  readonly firstCallTimeoutMs: number;
  /** Without a call, after the last one. */
  readonly idleTimeoutMs: number;
}

/** Closes HTTP/2 connections: those without a call after a time, despite pings, and all of them, gracefully, on `close`. */
export function followSessions(server: Http2Server, timeouts: SessionTimeouts): { close(): void } {
  const sessions = new Map<ServerHttp2Session, { calls: number; timer: NodeJS.Timeout }>();
  let closing = false;
  server.on("session", (session) => {
    const endAfter = (ms: number) => setTimeout(() => session.close(), ms).unref();
    const known = { calls: 0, timer: endAfter(timeouts.firstCallTimeoutMs) };
    sessions.set(session, known);
    session.on("stream", (stream) => {
      known.calls++;
      clearTimeout(known.timer);
      stream.once("close", () => {
        if (--known.calls === 0 && sessions.has(session)) known.timer = endAfter(timeouts.idleTimeoutMs);
      });
    });
    session.once("close", () => {
      clearTimeout(known.timer);
      sessions.delete(session);
    });
    session.on("error", () => {}); // A client that violated the protocol or disconnected.
    if (closing) session.close();
  });
  return {
    // GOAWAY: running calls finish, new ones use another connection.
    close() {
      closing = true;
      for (const session of sessions.keys()) session.close();
    },
  };
}
