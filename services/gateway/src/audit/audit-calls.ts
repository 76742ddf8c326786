import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import type { Interceptor, StreamRequest, StreamResponse, UnaryRequest } from "@connectrpc/connect";
import { activeTraceId } from "@polyreel/platform/telemetry";
import { ALL_TENANTS } from "../call/call.js";
import type { ReadModel } from "../read-model/read-model.js";
import { statusName, toConnectError } from "../server/errors.js";
import type { Action } from "./audit-entry.js";
import type { AuditLog } from "./audit-log.js";
import { type ObjectName, objectIn, setFields, textIn } from "./message-facts.js";
import { actionOf } from "./recorded-actions.js";
import { trailKey } from "./trail.js";

interface Deps {
  readonly audit: AuditLog;
  readonly model: Pick<ReadModel, "batch">;
}

/**
 * Records calls that have a trail, before their answer is sent: once it was sent, the entry survives a crash. A call is refused
 * before it begins while it could not be recorded.
 */
export function auditCalls({ audit, model }: Deps): Interceptor {
  return (next) => async (request) => {
    const trail = request.contextValues.get(trailKey);
    if (!trail) return next(request);
    trail.isTaken = true;
    const { input, output } = request.method;
    const { observed, first } = withFirst(request);
    const traceId = activeTraceId();
    const known = trail.tenant || request.stream ? undefined : tenantOfBatch(model, input, request.message);
    const end = async (outcome: Pick<Action, "outcome" | "reason">, answer?: Message) => {
      const message = first();
      const about = message && aboutMessages(request.method, message, answer);
      const named = (answer && textIn(output, answer, "tenant")) || about?.tenant;
      // A caller of one tenant leaves entries in no other's log, whatever its request names.
      const tenant = trail.tenant || named || (await known) || "";
      await audit.record(trail.entry({ ...about, ...outcome, tenant, action: actionOf(request.method), traceId }));
    };
    // The caller learns why its call failed even if that is not recorded yet.
    const failed = async (error: unknown) => {
      const status = toConnectError(error, request.signal);
      await end({ outcome: statusName(status).toLowerCase(), reason: status.rawMessage }).catch(() => {});
    };
    audit.assertRecordable();
    const response = await next(observed).catch(async (error: unknown) => {
      await failed(error);
      throw error;
    });
    if (response.stream) return { ...response, message: untilRecorded(response, end, failed) };
    await end(OK, response.message);
    return response;
  };
}

const OK = { outcome: "ok" } as const;

/** What the messages tell: names of fields and of the object, and whose it is. */
function aboutMessages({ input, output }: DescMethod, message: Message, answer: Message | undefined) {
  const tenant = textIn(input, message, "tenant");
  const object: ObjectName | undefined =
    objectIn(input, message) ??
    (answer && objectIn(output, answer)) ??
    (tenant ? { kind: "tenant", id: tenant } : undefined);
  return { tenant, object, fields: setFields(input, message), requestId: textIn(input, message, "request_id") };
}

/** For callers who reach all tenants: whose batch it is, as its deletion does not tell. Looked up while the call is under way. */
async function tenantOfBatch(model: Deps["model"], input: DescMessage, message: Message): Promise<string> {
  const batchId = textIn(input, message, "batch_id");
  if (batchId === "") return "";
  const batch = await model.batch(batchId, ALL_TENANTS).catch(() => undefined);
  return batch?.status.tenant ?? "";
}

/** The request, and its message; the first one of a stream, once it was read. */
function withFirst(request: UnaryRequest | StreamRequest) {
  if (!request.stream) return { observed: request, first: (): Message | undefined => request.message };
  let seen: Message | undefined;
  const { message: messages } = request;
  const message = (async function* () {
    for await (const one of messages) {
      seen ??= one;
      yield one;
    }
  })();
  return { observed: { ...request, message }, first: () => seen };
}

/** The messages of a response; it ends when the call is recorded. A reader that leaves early has cancelled it. */
async function* untilRecorded(
  { message }: StreamResponse,
  end: (outcome: Pick<Action, "outcome">, answer?: Message) => Promise<void>,
  failed: (error: unknown) => Promise<void>,
): AsyncGenerator<Message> {
  let last: Message | undefined;
  let isOver = false;
  try {
    for await (const one of message) {
      last = one;
      yield one;
    }
    isOver = true;
  } catch (error) {
    isOver = true;
    await failed(error);
    throw error;
  } finally {
    if (!isOver) await end({ outcome: "cancelled" });
  }
  await end(OK, last);
}
