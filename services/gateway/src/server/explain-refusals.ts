import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { nearest } from "@polyreel/spec";
import type { Handler } from "./one-port.js";
import { refuseRequest } from "./refuse-request.js";
import { pathOf } from "./router.js";

type Call = Pick<UniversalHandler, "method" | "requestPath" | "allowedMethods" | "supportedContentType">;

/** How a request that is no call is answered: the status of HTTP, and the reason with the remedy. */
interface Refusal {
  readonly status: 404 | 405 | 415;
  readonly code: Code;
  readonly text: string;
}

/**
 * Refuses requests that are no calls, with the reason and the remedy: the adapter answers them with the same statuses,
 * and empty bodies. `calls` are those of the adapter.
 */
export function explainRefusals(handler: Handler, calls: readonly Call[]): Handler {
  const byPath = new Map(calls.map((call) => [call.requestPath, call]));
  const paths = [...byPath.keys()];
  return (request, response) => {
    const path = pathOf(request.url ?? "");
    const call = byPath.get(path);
    const refusal = call ? refusalOf(call, request) : noSuchCall(path, paths);
    if (!refusal) return handler(request, response);
    if (call && refusal.status === 405) response.setHeader("Allow", call.allowedMethods.join(", "));
    refuseRequest(request, response, new ConnectError(refusal.text, refusal.code), refusal.status);
  };
}

function refusalOf(call: Call, { method = "", headers, url = "" }: Parameters<Handler>[0]): Refusal | undefined {
  const { name, methodKind } = call.method;
  const isStream = methodKind !== "unary";
  if (!call.allowedMethods.includes(method)) {
    return { status: 405, code: Code.Unimplemented, text: `${name} is not called by ${method}. ${remedyFor(call)}` };
  }
  const [, query] = url.split("?", 2);
  const type = headers["content-type"] ?? "";
  if (method === "GET") {
    const encoding = new URLSearchParams(query).get("encoding") ?? "";
    if (!isStream && /^(json|proto)$/.test(encoding)) return undefined;
    return unsupported(isStream ? `${name} is a stream, and not called by GET.` : "The query names no encoding.", call);
  }
  // Connect's types of streams differ from those of other calls.
  const isOfKind = /^application\/grpc/i.test(type) || /^application\/connect\+/i.test(type) === isStream;
  if (isOfKind && call.supportedContentType(type)) return undefined;
  const given =
    type === "" ? "The request has no Content-Type." : `The Content-Type is ${JSON.stringify(type.slice(0, 100))}.`;
  return unsupported(given, call);
}

const unsupported = (reason: string, call: Call): Refusal => ({
  status: 415,
  code: Code.InvalidArgument,
  text: `${reason} ${remedyFor(call)}`,
});

/** Streams have envelopes, which are not written by hand. */
function remedyFor({ method: { name, methodKind }, allowedMethods }: Call): string {
  if (methodKind !== "unary") {
    const inPlace = name === "WatchBatch" ? ", or GET /events/<batch id>" : "";
    return `Call it by a client of gRPC, gRPC-Web or Connect${inPlace}.`;
  }
  const byGet = allowedMethods.includes("GET") ? ", or GET with ?encoding=json&message={...}" : "";
  return `POST JSON with Content-Type: application/json${byGet}; or use a client of gRPC, gRPC-Web or Connect.`;
}

function noSuchCall(path: string, paths: readonly string[]): Refusal {
  const near = nearest(path, paths);
  const remedy = near ? `Did you mean ${near}?` : "Server reflection and docs/api.md list the calls.";
  return {
    status: 404,
    code: Code.Unimplemented,
    text: `There is no call ${JSON.stringify(path.slice(0, 200))}. ${remedy}`,
  };
}
