import { randomUUID } from "node:crypto";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { headers, type Msg, NoRespondersError, RequestError } from "@nats-io/transport-node";
import { FailureSchema, type ServiceRequest } from "@polyreel/contract";
import { errorCodeOf, PolyreelError } from "../errors.js";
import { BODY_HEADER, MAX_BODY_BYTES, serveBody, tooLarge } from "./request-body.js";
import { refusedRightIn, rightRefused } from "./rights.js";
import { sendIfOpen } from "./send-if-open.js";
import type { EventStream } from "./stream.js";

/** Header that names a request, for its cancellation. */
export const REQUEST_HEADER = "Polyreel-Call";
/** Header of a failed request's reply: a serialised Failure in base64. */
export const FAILURE_HEADER = "Polyreel-Failure";

/** Of a message's headers, at most: they count as part of it. */
const HEADER_BYTES = 512;

/** Subject where requesters publish the names of abandoned requests: to all repliers, as it is unknown which has it. */
export const givenUpSubject = (subject: string): string => `${subject}-given-up`;

export interface SendOptions {
  /** Limit for each attempt. */
  readonly timeoutMs: number;
  /** Total attempts; 1 by default. A stopped instance does not reply, but another one may. */
  readonly attempts?: number;
  readonly signal: AbortSignal;
  /** Field of the caller's own request that makes this one large. */
  readonly field?: string;
}

/**
 * Sends a request and returns the first reply. If it is abandoned (signal, timeout), its replier is stopped.
 * Throws the signal's reason, the failure that the service replied with, or PolyreelError `unavailable` (no instance runs,
 * none replied in time, the event stream is unavailable, the server denies a permission) or `exhausted` (the request is too
 * large). One that does not fit in a message is fetched from here by its replier.
 */
export async function sendRequest<Request extends DescMessage, Reply extends DescMessage>(
  { connection, broker }: Pick<EventStream, "connection" | "broker">,
  to: ServiceRequest<Request, Reply>,
  request: MessageInitShape<Request>,
  options: SendOptions,
): Promise<MessageShape<Reply>> {
  options.signal.throwIfAborted();
  broker.assertThere();
  const bytes = toBinary(to.request, create(to.request, request));
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge(bytes.length, options.field);
  const { attempts = 1, timeoutMs, signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return readReply(to, await requestOnce(connection, to.subject, bytes, options));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PolyreelError) throw error;
      const right = refusedRightIn(error);
      if (right) throw rightRefused(right, connection, error);
      broker.assertThere();
      if (hasNoReplier(error)) throw noReplier(to, error);
      if (attempt >= attempts) throw noReply(to, timeoutMs * attempts, error);
    }
  }
}

async function requestOnce(
  connection: EventStream["connection"],
  subject: string,
  bytes: Uint8Array,
  { timeoutMs, signal }: SendOptions,
): Promise<Msg> {
  const name = randomUUID();
  const named = headers();
  named.set(REQUEST_HEADER, name);
  // A message that the server rejects would look like an unanswered one.
  using body =
    bytes.length > (connection.info?.max_payload ?? bytes.length) - HEADER_BYTES
      ? serveBody(connection, bytes)
      : undefined;
  if (body) named.set(BODY_HEADER, body.header);
  const sent = body ? undefined : bytes;
  const reply = connection.request(subject, sent, { timeout: timeoutMs, headers: named });
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([reply, aborted]);
  } catch (error) {
    if (!hasNoReplier(error)) sendIfOpen(() => connection.publish(givenUpSubject(subject), name));
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function readReply<Reply extends DescMessage>(
  { replier, reply }: ServiceRequest<DescMessage, Reply>,
  message: Msg,
): MessageShape<Reply> {
  const refused = message.headers?.get(FAILURE_HEADER);
  if (refused) {
    const failure = fromBinary(FailureSchema, Buffer.from(refused, "base64"));
    throw new PolyreelError(errorCodeOf(failure), failure);
  }
  try {
    return fromBinary(reply, message.data);
  } catch (error) {
    const reason = `The reply of the ${replier} can't be read.`;
    const remedy = "Run the same release of Polyreel in all services.";
    throw new PolyreelError("internal", { reason, remedy }, { cause: error });
  }
}

/** Whether no process subscribes to the subject; a stopped one replies late, or never. */
const hasNoReplier = (error: unknown): boolean =>
  error instanceof RequestError ? error.isNoResponders() : error instanceof NoRespondersError;

type Replier = Pick<ServiceRequest<DescMessage, DescMessage>, "service" | "replier">;

const noReplier = ({ replier, service }: Replier, cause: unknown): PolyreelError =>
  new PolyreelError(
    "unavailable",
    { reason: `No ${replier} answers.`, remedy: `Start the ${service} service, and call again.` },
    { cause },
  );

const noReply = ({ replier, service }: Replier, waitedMs: number, cause: unknown): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: `No ${replier} answered within ${Math.round(waitedMs / 1000)} s.`,
      remedy: `See whether the ${service} service is stopped or overloaded, and call again.`,
    },
    { cause },
  );
