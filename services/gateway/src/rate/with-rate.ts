import { PolyreelError } from "@polyreel/platform";
import { callerOf } from "../access/with-callers.js";
import { addressOf, clientAddress } from "../server/client-address.js";
import { toConnectError } from "../server/errors.js";
import type { Handler } from "../server/one-port.js";
import { refuseRequest } from "../server/refuse-request.js";
import { pathOf } from "../server/router.js";
import { type Rate, TokenBuckets } from "./token-buckets.js";

/** Whatever restarts an unhealthy gateway must not take a refusal for illness. */
const UNLIMITED = /^\/(grpc\.health\.v1\.Health\/|api\/v1\/health$|health$)/;

/** Refuses requests of callers who send more than the rate, before their bodies are read; undefined: none. */
export function withRate(handler: Handler, rate: Rate | undefined, now = () => performance.now()): Handler {
  if (!rate) return handler;
  const buckets = new TokenBuckets(rate);
  return (request, response) => {
    if (UNLIMITED.test(pathOf(request.url ?? ""))) return handler(request, response);
    const wait = buckets.take(bucketOf(request), now());
    if (wait === 0) return handler(request, response);
    refuseRequest(request, response, toConnectError(tooOften(rate, wait)));
  };
}

/** A key or person has one bucket, wherever it calls from; unknown callers have one for each address. */
function bucketOf(request: Parameters<Handler>[0]): string {
  const caller = callerOf(request);
  if (caller.kind === "key") return `key ${caller.key.id}`;
  if (caller.kind === "user") return `user ${caller.user.id}`;
  return `address ${clientAddress(addressOf(request)) ?? ""}`;
}

function tooOften({ perSecond, burst }: Rate, waitMs: number): PolyreelError {
  const shown = Number(perSecond.toPrecision(3)).toLocaleString("en-US");
  return new PolyreelError(
    "exhausted",
    {
      reason: `Requests come faster than the rate of ${shown} a second (${burst.toLocaleString("en-US")} at once).`,
      remedy: `Wait ${(Math.ceil(waitMs / 100) / 10).toLocaleString("en-US")} s, or send fewer. The operator sets the rate (POLYREEL_RATE).`,
    },
    { retryAfterMs: waitMs },
  );
}
