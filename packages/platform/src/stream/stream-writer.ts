import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";
import type { Outbox } from "./outbox.js";
import { inboxOf } from "./own-identity.js";
import { type RefusedRight, rightRefused, watchRights } from "./rights.js";

/** The stream's acknowledgement of a message. */
export interface Written {
  /** Position in the stream. */
  readonly seq: number;
  /** It existed already, under the same message id. */
  readonly duplicate: boolean;
}

/** The stream refused a message: `code` is the server's. */
export class RefusedError extends Error {
  constructor(
    readonly code: number,
    description: string,
  ) {
    super(description);
  }
}

interface Awaited {
  readonly subject: string;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: Error) => void;
  readonly until: number;
}

const TIMEOUT_MS = 5_000;
const POLL_MS = 1_000;
const NO_RESPONDERS = 503;

/**
 * Writes messages to the stream and awaits its acknowledgements on a single subscription. The client's own publishing
 * creates a timer, a race of promises and an error with its stack for each message, even if it succeeds: several times
 * the cost of the message.
 */
export class StreamWriter {
  readonly #inbox: string;
  readonly #awaited = new Map<string, Awaited>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Set if the server denies our subscription for acknowledgements. */
  #noAnswers: PolyreelError | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly outbox: Outbox,
  ) {
    this.#inbox = inboxOf(connection);
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#hear(message);
      },
    });
    void watchRights(connection, (right) => this.#refuse(right));
    void connection.closed().then(() => this.#giveUp(Number.POSITIVE_INFINITY));
  }

  /** Resolves when the stream has it. Throws RefusedError, or the error that prevented sending or acknowledging. */
  write(subject: string, payload: Uint8Array, headers: MsgHdrs): Promise<Written> {
    return new Promise((resolve, reject) => {
      const token = (this.#count++).toString(36);
      this.#awaited.set(token, { subject, resolve, reject, until: Date.now() + TIMEOUT_MS });
      this.#timer ??= setInterval(() => this.#giveUp(Date.now()), POLL_MS).unref();
      this.outbox.add(() => {
        try {
          this.connection.publish(subject, payload, { reply: `${this.#inbox}.${token}`, headers });
        } catch (error) {
          this.#awaited.delete(token);
          reject(error as Error);
        }
      });
    });
  }

  #hear(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const awaited = this.#awaited.get(token);
    if (!awaited) return; // Too late.
    this.#awaited.delete(token);
    try {
      awaited.resolve(answerOf(message));
    } catch (error) {
      awaited.reject(error as Error);
    }
  }

  /** The server reports a message only if it may not be sent; without permission to receive acknowledgements, all fail. */
  #refuse(right: RefusedRight): void {
    const isOurs = right.operation === "subscription" && right.subject === `${this.#inbox}.*`;
    if (isOurs) this.#noAnswers = rightRefused(right, this.connection);
    for (const [token, { subject, reject }] of this.#awaited) {
      if (!isOurs && (right.operation !== "publish" || right.subject !== subject)) continue;
      this.#awaited.delete(token);
      reject(rightRefused(right, this.connection));
    }
  }

  /** In order of waiting time, longest first. */
  #giveUp(now: number): void {
    for (const [token, { until, reject }] of this.#awaited) {
      if (until > now) return;
      this.#awaited.delete(token);
      reject(this.#noAnswers ?? new Error("The stream did not answer in time."));
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function answerOf(message: Msg): Written {
  if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS) throw new Error("There is no stream.");
  const {
    seq,
    duplicate = false,
    error,
  } = message.json<{
    seq?: number;
    duplicate?: boolean;
    error?: { err_code?: number; description?: string };
  }>();
  if (error) throw new RefusedError(error.err_code ?? 0, error.description ?? "refused");
  if (!seq) throw new PolyreelError("internal", "The stream gave an invalid answer.");
  return { seq, duplicate };
}
