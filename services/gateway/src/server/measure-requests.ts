import { OUTPUT_URL_ROOT } from "@polyreel/contract";
import { record } from "@polyreel/platform/metrics";
import { routes } from "../access/route-roles.js";
import { isCall } from "./is-call.js";
import type { Handler } from "./one-port.js";
import { pathOf } from "./router.js";

/** First path segments with metrics of their own; others are guesses of strangers. */
const ROUTES: ReadonlySet<string> = new Set([
  firstSegment(OUTPUT_URL_ROOT),
  ...routes.flatMap(({ url }) => [firstSegment(url), firstSegment(url.replace(/^\/api\/v1/, ""))]),
]);

function firstSegment(path: string): string {
  return path.split("/")[1] ?? "";
}

/** Measures the requests that are no calls, by their methods and the beginning of their paths. */
export const measureRequests =
  (handler: Handler): Handler =>
  (request, response) => {
    if (!isCall(request)) {
      const began = performance.now();
      const segment = firstSegment(pathOf(request.url ?? ""));
      response.once("close", () => {
        const attributes = {
          "http.request.method": METHODS.has(request.method ?? "") ? (request.method ?? "") : "_OTHER",
          "http.route": ROUTES.has(segment) ? `/${segment}` : "/",
          "http.response.status_code": String(response.statusCode),
        };
        record("http.server.request.duration", attributes, (performance.now() - began) / 1000);
      });
    }
    handler(request, response);
  };

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
