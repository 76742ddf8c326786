import type { Log } from "@polyreel/platform/runtime";
import type { Handler } from "../server/one-port.js";
import { PROBLEM_TYPE, toProblem } from "../web/problem.js";
import type { LinkClaim, SignedLinks } from "./signed-links.js";

type Request = Parameters<Handler>[0];

type Verdict = { readonly claim: LinkClaim } | { readonly refusal: unknown };

const verdicts = new WeakMap<object, Verdict>();

/** Verifies the links of requests before anything else reads them. Invalid ones reach `refuseInvalidLinks`. */
export function withLinks(handler: Handler, links: SignedLinks): Handler {
  return (request, response) => {
    try {
      const claim = links.verify(request.method ?? "", originForm(request));
      if (claim) verdicts.set(request, { claim });
    } catch (refusal) {
      verdicts.set(request, { refusal });
    }
    handler(request, response);
  };
}

/**
 * What the valid link of a request permits; undefined without one. Every request passes `withLinks` first: an invalid link is
 * never mistaken for none.
 */
export function claimOf(request: Request): LinkClaim | undefined {
  const verdict = verdicts.get(request);
  if (verdict === undefined) return undefined;
  if ("refusal" in verdict) throw verdict.refusal;
  return verdict.claim;
}

/** Whether a request has a valid link. */
export function isLinked(request: Request): boolean {
  const verdict = verdicts.get(request);
  return verdict !== undefined && "claim" in verdict;
}

/** Answers requests with an invalid link, whatever their path: nobody learns by them whether it exists. */
export function refuseInvalidLinks(handler: Handler, log: Log): Handler {
  return (request, response) => {
    const verdict = verdicts.get(request);
    // Preflights carry no permission, and need none.
    if (verdict === undefined || "claim" in verdict || request.method === "OPTIONS") return handler(request, response);
    const problem = toProblem(verdict.refusal);
    log.info({ method: request.method, status: problem.status }, "a link was refused");
    response.writeHead(problem.status, {
      "Content-Type": PROBLEM_TYPE,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    });
    response.end(request.method === "HEAD" ? "" : JSON.stringify(problem));
  };
}

/** Path and query; proxies may send them with scheme and host. */
function originForm({ url = "" }: Request): string {
  return url.startsWith("/") ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
}
