import type { DescMethod } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import type { Key } from "@polyreel/contract";
import type { Log } from "@polyreel/platform/runtime";
import { LRUCache } from "lru-cache";
import { statusName } from "../server/errors.js";
import { isCall } from "../server/is-call.js";
import type { Handler } from "../server/one-port.js";
import { refusalOf } from "../server/refuse-request.js";
import { pathOf } from "../server/router.js";
import type { AuditLog } from "./audit-log.js";
import { actionOf, isRecordedHttp, isRecordedMethod } from "./recorded-actions.js";
import { beginTrail, type Trail } from "./trail.js";

type Request = Parameters<Handler>[0];

interface Deps {
  readonly audit: AuditLog;
  readonly log: Log;
  /** Methods of the API. */
  readonly methods: readonly DescMethod[];
  /** The key whose id a request states, whether or not its secret is right; undefined if there is no such key. */
  readonly statedKey: (authorization: string) => Promise<Key | undefined>;
}

/** A wrong key of one client is recorded once in this time, or whoever knows a key's id could fill the log. */
const WRONG_KEY_EVERY_MS = 60_000;
const MAX_WRONG_KEYS = 10_000;

/**
 * Gives a trail to requests that are recorded: what changes something, and what is refused because of its key. Calls and routes
 * take it; those that are refused before are recorded here, just after their answer.
 */
export function withAudit(handler: Handler, { audit, log, methods, statedKey }: Deps): Handler {
  const byPath = new Map(methods.map((method) => [`/${actionOf(method)}`, method]));
  const wrongKeys = new LRUCache<string, true>({ max: MAX_WRONG_KEYS, ttl: WRONG_KEY_EVERY_MS });
  const lost = (error: unknown) => log.error({ err: error }, "a refusal could not be recorded yet");

  const wrongKey = async (trail: Trail, authorization: string, refusal: ConnectError) => {
    const key = await statedKey(authorization);
    if (!key) return;
    const entry = trail.entry({
      tenant: key.tenant,
      principal: { kind: "key", id: key.id, name: key.name },
      ...outcomeOf(refusal),
    });
    const mark = `${key.id} ${entry.address}`;
    if (wrongKeys.has(mark)) return;
    wrongKeys.set(mark, true);
    await audit.record(entry);
  };

  return (request, response) => {
    const { authorization } = request.headers;
    const action = recordedAction(request, byPath);
    if (action === undefined && authorization === undefined) return handler(request, response);
    const trail = beginTrail(request, action ?? plainAction(request), action !== undefined);
    response.once("close", () => {
      const refusal = refusalOf(request);
      if (!refusal || trail.isTaken) return;
      if (refusal.code === Code.Unauthenticated) {
        if (authorization !== undefined) void wrongKey(trail, authorization, refusal).catch(lost);
      } else if (action !== undefined && trail.principal.kind !== "anyone") {
        void audit.record(trail.entry(outcomeOf(refusal))).catch(lost);
      }
    });
    handler(request, response);
  };
}

const outcomeOf = (refusal: ConnectError) => ({
  outcome: statusName(refusal).toLowerCase(),
  reason: refusal.rawMessage,
});

/** Undefined for requests that are not recorded. */
function recordedAction(request: Request, byPath: ReadonlyMap<string, DescMethod>): string | undefined {
  if (isCall(request)) {
    const method = byPath.get(pathOf(request.url ?? ""));
    return method && isRecordedMethod(method) ? actionOf(method) : undefined;
  }
  return isRecordedHttp(request.method) ? plainAction(request) : undefined;
}

const plainAction = ({ method, url }: Request): string => {
  const path = pathOf(url ?? "");
  return /^\/[\w.]+\.[\w.]+\/\w+$/.test(path) ? path.slice(1) : `${method} ${path}`;
};
