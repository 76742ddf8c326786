import type { Socket } from "node:net";

/** The preface of every HTTP/2 client (RFC 9113, section 3.4). */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** The type of a TLS record with a handshake (RFC 8446, section 5.1), which no text of HTTP begins with. */
const TLS_HANDSHAKE = 22;

export type Protocol = "http1" | "http2" | "tls";

/**
 * Detects what a new connection speaks, by its first bytes, which are put back for the next reader. A connection that
 * does not send enough in time is closed.
 */
export function detectProtocol(socket: Socket, timeoutMs: number, report: (protocol: Protocol) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  socket.once("close", () => clearTimeout(timer));
  const look = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const protocol = protocolOf(seen);
    if (protocol === undefined) return; // the preface came in pieces
    clearTimeout(timer);
    socket.off("data", look);
    socket.pause();
    socket.unshift(seen);
    report(protocol);
    // The HTTP/2 server and TLS read the handle themselves; the HTTP/1.1 server waits for the stream to flow.
    if (protocol === "http1") socket.resume();
  };
  socket.on("data", look);
}

function protocolOf(seen: Buffer): Protocol | undefined {
  if (seen[0] === TLS_HANDSHAKE) return "tls";
  const length = Math.min(seen.length, PREFACE.length);
  if (!seen.subarray(0, length).equals(PREFACE.subarray(0, length))) return "http1";
  return length < PREFACE.length ? undefined : "http2";
}
