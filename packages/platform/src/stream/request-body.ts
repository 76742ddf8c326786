import type { Msg, MsgHdrs } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";
import type { NatsConnection } from "./connection.js";
import { inboxOf } from "./own-identity.js";

/**
 * Header of a request that does not fit in a message: its size, and the subject where the replier fetches its pieces
 * from the requester. Nothing is stored, so nothing is left behind if either is killed.
 */
export const BODY_HEADER = "Polyreel-Body";

/** Limit of a request's size: a batch of the largest call, 4 MiB, with every default filled in. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** nats-server advises against messages of more than a megabyte. */
const PIECE_BYTES = 512 * 1024;
const PIECE_TIMEOUT_MS = 10_000;
/** Repliers fetch from nowhere else. */
const INBOX = /^_INBOX(_[a-z]+)?\./;

/** A body that its requester serves until it is disposed. */
export interface ServedBody extends Disposable {
  /** Value of the header. */
  readonly header: string;
}

/** Serves a request's pieces to its replier, each by its position in bytes. */
export function serveBody(connection: NatsConnection, bytes: Uint8Array): ServedBody {
  const subject = inboxOf(connection);
  const pieceBytes = Math.min(PIECE_BYTES, connection.info?.max_payload ?? PIECE_BYTES);
  const served = connection.subscribe(subject, {
    callback: (error, message) => {
      const from = Number(message?.string());
      if (!error && Number.isSafeInteger(from) && from >= 0) message.respond(bytes.subarray(from, from + pieceBytes));
    },
  });
  return { header: `${bytes.length} ${subject}`, [Symbol.dispose]: () => served.unsubscribe() };
}

/** Whether a request's bytes must be fetched. */
export const hasBody = ({ headers }: { headers?: MsgHdrs | undefined }): boolean => headers?.has(BODY_HEADER) ?? false;

/**
 * Fetches the bytes of a request from its requester. Throws PolyreelError `exhausted` if it is too large, `unavailable` if the
 * requester is gone, `invalid` if it does not serve what it announced, and the signal's reason.
 */
export async function fetchBody(connection: NatsConnection, message: Msg, signal: AbortSignal): Promise<Uint8Array> {
  const [size = "", subject = ""] = message.headers?.get(BODY_HEADER).split(" ") ?? [];
  const sizeBytes = Number(size);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || !INBOX.test(subject)) throw unreadable();
  if (sizeBytes > MAX_BODY_BYTES) throw tooLarge(sizeBytes);
  const pieces: Uint8Array[] = [];
  let from = 0;
  while (from < sizeBytes) {
    signal.throwIfAborted();
    const piece = await pieceAt(connection, subject, from);
    if (piece.length === 0 || from + piece.length > sizeBytes) throw unreadable();
    pieces.push(piece);
    from += piece.length;
  }
  return Buffer.concat(pieces);
}

async function pieceAt(connection: NatsConnection, subject: string, from: number): Promise<Uint8Array> {
  try {
    return (await connection.request(subject, String(from), { timeout: PIECE_TIMEOUT_MS })).data;
  } catch (error) {
    throw new PolyreelError("unavailable", "The requester no longer serves its request.", { cause: error });
  }
}

export const tooLarge = (sizeBytes: number, field = ""): PolyreelError =>
  new PolyreelError("exhausted", {
    field,
    reason: `With every default filled in the request has ${sizeBytes} bytes; ${MAX_BODY_BYTES} are allowed.`,
    remedy: "Send it in smaller pieces.",
  });

const unreadable = (): PolyreelError => new PolyreelError("invalid", "The request can't be read.");
