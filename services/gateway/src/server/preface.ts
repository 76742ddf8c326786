import type { Socket } from "node:net";

/** The preface of every HTTP/2 client (RFC 9113, section 3.4). */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Detects whether a new connection uses HTTP/2, by its first bytes, which are put back for the next reader. A
 * connection that does not send enough in time is closed.
 */
export function looksLikeHttp2(socket: Socket, timeoutMs: number, report: (isHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  socket.once("close", () => clearTimeout(timer));
  const look = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, PREFACE.length);
    const isHttp2 = seen.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (isHttp2 && length < PREFACE.length) return; // the preface came in pieces
    clearTimeout(timer);
    socket.off("data", look);
    socket.pause();
    socket.unshift(seen);
    report(isHttp2);
    // The HTTP/2 server reads the handle itself; the HTTP/1.1 server waits for the stream to flow.
    if (!isHttp2) socket.resume();
  };
  socket.on("data", look);
}
