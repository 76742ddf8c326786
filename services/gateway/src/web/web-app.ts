import type { IncomingMessage, ServerResponse } from "node:http";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import {
  activeTraceId,
  describeSpan,
  failSpanBy,
  SpanKind,
  SpanStatusCode,
  type Telemetry,
} from "@polyreel/platform/telemetry";
import { errorCodes, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { assertPermitted } from "../access/permitted.js";
import { neededAt } from "../access/route-roles.js";
import { callerOf } from "../access/with-callers.js";
import type { AuditLog } from "../audit/audit-log.js";
import { auditRoutes, noteError } from "../audit/audit-routes.js";
import type { Call } from "../call/call.js";
import { identify, TENANT_HEADER } from "../call/identify.js";
import { claimOf } from "../links/link-claims.js";
import { signInAddress } from "../people/web/sign-in-address.js";
import { addressOf } from "../server/client-address.js";
import { retryAfterHeader } from "../server/errors.js";
import type { Handler } from "../server/one-port.js";
import { PROBLEM_TYPE, type Problem, problem, toProblem } from "./problem.js";

export type WebApp = FastifyInstance;

interface Deps {
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly audit: AuditLog;
}

/** Limit of JSON and other bodies that are read into memory; streamed bodies have their own. */
const MAX_BODY_BYTES = 1024 ** 2;
const BODY_TOO_LARGE =
  `The body has more than ${MAX_BODY_BYTES.toLocaleString("en-US")} bytes, the limit of JSON. ` +
  "Upload files by PUT /sources/<file name>, or as docs/guide/uploads.md describes.";

/**
 * Everything over plain HTTP except outputs: each `plugin` adds the routes of one concept. Routes throw PolyreelErrors;
 * clients receive them as Problems. It never listens itself: the gateway's port hands it requests, over HTTP/1.1 and
 * HTTP/2. `needed`: the least role of each route.
 */
export async function openWebApp(
  { telemetry, log, audit }: Deps,
  plugins: readonly ((app: WebApp) => unknown)[],
  needed = neededAt,
): Promise<Handler> {
  /** Requests whose spans say why they failed. */
  const explained = new WeakSet<IncomingMessage>();
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    logger: false,
    forceCloseConnections: false,
    // Errors before a route is found, such as a path that cannot be decoded.
    frameworkErrors: (error, _request, reply) => sendProblem(reply as unknown as FastifyReply, toProblem(error)),
  });
  app.setErrorHandler((error, request, reply) => {
    noteError(reply, error);
    const signInAt = signInAddress(request.raw, error);
    if (signInAt !== undefined) return reply.redirect(signInAt, 303);
    const answer = isTooLarge(error) ? problem(413, BODY_TOO_LARGE) : toProblem(error, signalOf(reply));
    if (isServersFault(answer.status)) {
      log.error({ err: error, route: request.routeOptions.url }, "a request failed");
      failSpanBy(error, undefined, String(answer.status));
      explained.add(request.raw);
    }
    if (error instanceof PolyreelError && error.retryAfterMs !== undefined)
      void reply.header("Retry-After", retryAfterHeader(error.retryAfterMs));
    return sendProblem(reply, answer);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      problem(404, `There is no ${request.method} ${request.url.split("?", 1)[0]} here. GET / lists the addresses.`),
    ),
  );
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) needed(one, url); // Throws for one without a role.
  });
  auditRoutes(app, audit);
  app.addHook("onRequest", async ({ method, params, routeOptions: { url } }) => {
    if (url === undefined) return;
    const { batchId } = (params ?? {}) as { batchId?: string };
    describeSpan(`${method} ${url}`, { "http.route": url, ...(batchId && { "polyreel.batch.id": batchId }) });
  });
  app.addHook("onRequest", async (request, reply) => {
    const { url } = request.routeOptions; // None: there is nothing to reach.
    if (url !== undefined) assertPermitted(callOf(request, reply).principal, needed(request.method, url));
  });
  app.addHook("onRequest", async (_request, reply) => void reply.header("X-Content-Type-Options", "nosniff"));
  app.addHook("onResponse", async ({ method, raw, routeOptions }, { statusCode: status, elapsedTime }) => {
    const { url: route } = routeOptions;
    log[isServersFault(status) ? "warn" : "info"](
      { method, route, client: addressOf(raw), status, ms: Math.round(elapsedTime) },
      "request",
    );
  });
  for (const plugin of plugins) await app.register(async (scope) => void (await plugin(scope)));
  await app.ready();
  return (request, response) => {
    const attributes = { "http.request.method": request.method ?? "", "client.address": addressOf(request) };
    const parent = request.headers.traceparent?.toString() ?? null;
    const options = { kind: SpanKind.SERVER, attributes, parent };
    void telemetry.span(`HTTP ${request.method}`, options, async (span) => {
      const closed = new Promise<void>((resolve) => response.once("close", resolve));
      response.setHeader("Trace-Id", span.spanContext().traceId);
      // HTTP/2's requests and responses have the same methods and events.
      app.routing(request as IncomingMessage, response as ServerResponse);
      await closed;
      const { statusCode } = response;
      span.setAttribute("http.response.status_code", statusCode);
      if (!isServersFault(statusCode) || explained.has(request as IncomingMessage)) return;
      span.setAttribute("error.type", String(statusCode));
      span.setStatus({ code: SpanStatusCode.ERROR });
    });
  };
}

/** 501: it asks for what this release does not have. */
const isServersFault = (status: number): boolean => status >= 500 && status !== 501;

const isTooLarge = (error: unknown): boolean => error instanceof errorCodes.FST_ERR_CTP_BODY_TOO_LARGE;

const sendProblem = (reply: FastifyReply, answer: Problem): FastifyReply =>
  reply
    .code(answer.status)
    .type(PROBLEM_TYPE)
    .send({ ...answer, traceId: activeTraceId() });

/** The caller of a request, its scope, and a signal that fires when the client disconnects early. */
export function callOf(request: FastifyRequest, reply: FastifyReply): Call {
  // HTTP/1.1 joins repeated headers, which makes an invalid tenant name.
  const header = request.headers[TENANT_HEADER]?.toString() ?? null;
  return identify({ header, link: claimOf(request.raw), caller: callerOf(request.raw) }, signalOf(reply));
}

const signals = new WeakMap<FastifyReply, AbortSignal>();

function signalOf(reply: FastifyReply): AbortSignal {
  const known = signals.get(reply);
  if (known) return known;
  const left = new AbortController();
  reply.raw.once("close", () => left.abort());
  signals.set(reply, left.signal);
  return left.signal;
}
