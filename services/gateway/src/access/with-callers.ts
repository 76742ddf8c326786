import { Code, createContextKey } from "@connectrpc/connect";
import type { Principal } from "../call/call.js";
import { isLinked } from "../links/link-claims.js";
import { assertFromOwnPage, pageCookie } from "../people/web/page-cookie.js";
import { toConnectError } from "../server/errors.js";
import type { Handler } from "../server/one-port.js";
import { refuseRequest } from "../server/refuse-request.js";
import { cutResponse } from "../server/responses.js";
import { pathOf } from "../server/router.js";
import type { Callers } from "./callers.js";
import { neededFor } from "./method-roles.js";
import { assertPermitted } from "./permitted.js";

type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

const ANYONE: Principal = { kind: "anyone" };
const LOCAL: Principal = { kind: "local" };
/** Open requests are checked again so often: a stream ends within a minute after its key. */
const CHECK_AGAIN_MS = 20_000;

const principals = new WeakMap<object, Principal>();

/** Who sends a request; anyone, if that was not found out. */
export const callerOf = (request: Request): Principal => principals.get(request) ?? ANYONE;

/** The caller, in the context of a call. */
export const callerKey = createContextKey<Principal>(ANYONE);

/** Every request is sent by the local principal: for gateways that ask for no keys. */
export const withLocalCaller =
  (handler: Handler): Handler =>
  (request, response) => {
    principals.set(request, LOCAL);
    handler(request, response);
  };

/**
 * Finds out who sends each request before anything else reads it, and refuses those with a wrong key. Requests without
 * one are sent by anyone, and pass where nothing is needed. Whoever loses its key is cut off.
 */
export function withCallers(handler: Handler, callers: Callers, closed: AbortSignal): Handler {
  const open = new Map<Response, Principal>();
  const timer = setInterval(() => void cutOff(open, callers), CHECK_AGAIN_MS).unref();
  closed.addEventListener("abort", () => clearInterval(timer));
  /** A cookie that is over is as none: the page asks for another sign-in. */
  const ofPage = async (request: Request, cookie: string): Promise<Principal> => {
    const principal = await callers.identifyPage(cookie);
    if (principal) assertFromOwnPage(request);
    return principal ?? ANYONE;
  };
  return (request, response) => {
    const { authorization } = request.headers;
    const cookie = authorization === undefined ? pageCookie(request) : undefined;
    // A link is the caller where there is one.
    if (isLinked(request) || request.method === "OPTIONS" || (authorization ?? cookie) === undefined)
      return handler(request, response);
    const proceed = (principal: Principal) => {
      principals.set(request, principal);
      open.set(response, principal);
      response.once("close", () => open.delete(response));
      handler(request, response);
    };
    const recalled = authorization === undefined ? undefined : callers.recall(authorization);
    if (recalled) return proceed(recalled);
    const identified = authorization === undefined ? ofPage(request, cookie ?? "") : callers.identify(authorization);
    identified.then(proceed, (error: unknown) => refuse(request, response, error));
  };
}

/**
 * Refuses calls of callers whose role does not suffice before their bodies are read: checking those takes time. Handlers
 * have the last word (see `withCalls`), however a path was written.
 */
export function refuseForbidden(handler: Handler): Handler {
  return (request, response) => {
    const [, service = "", method = ""] = /^\/([\w.]+)\/(\w+)$/.exec(pathOf(request.url ?? "")) ?? [];
    const needed = neededFor(service, method.charAt(0).toLowerCase() + method.slice(1));
    try {
      if (needed) assertPermitted(callerOf(request), needed, service);
    } catch (error) {
      return refuse(request, response, error);
    }
    handler(request, response);
  };
}

function refuse(request: Request, response: Response, error: unknown): void {
  const refusal = toConnectError(error);
  if (refusal.code === Code.Unauthenticated) response.setHeader("WWW-Authenticate", "Bearer");
  refuseRequest(request, response, refusal);
}

async function cutOff(open: ReadonlyMap<Response, Principal>, callers: Callers): Promise<void> {
  for (const [response, principal] of open) {
    // Where the store does not answer, calls go on as they are.
    if (!(await callers.stillHolds(principal).catch(() => true))) cutResponse(response);
  }
}
