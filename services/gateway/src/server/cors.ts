import { cors } from "@connectrpc/connect";
import { TENANT_HEADER } from "../call/identify.js";
import type { Handler } from "./one-port.js";

/** What pages may use of outputs, besides what calls need. */
const OUTPUTS = {
  methods: ["HEAD"],
  headers: ["Range", "If-Match", "If-None-Match", "If-Range"],
  exposed: ["Accept-Ranges", "Content-Disposition", "Content-Length", "Content-Range", "ETag"],
};

/** A preflight's answer is kept this long: two hours, the most that Chromium takes. */
const MAX_AGE_SECONDS = 7200;

/**
 * Lets pages of the given origins ("https://example.org") call the API and read outputs from a browser. Of other origins browsers refuse
 * the answer; pages of the gateway itself need no leave.
 */
export function withCors(handler: Handler, origins: readonly string[]): Handler {
  if (origins.length === 0) return handler;
  return (request, response) => {
    const { origin } = request.headers;
    response.setHeader("Vary", "Origin");
    if (origin && origins.includes(origin)) {
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader("Access-Control-Expose-Headers", [...cors.exposedHeaders, ...OUTPUTS.exposed].join(", "));
      if (request.method === "OPTIONS") {
        response.setHeader("Access-Control-Allow-Methods", [...cors.allowedMethods, ...OUTPUTS.methods].join(", "));
        response.setHeader(
          "Access-Control-Allow-Headers",
          [...cors.allowedHeaders, "traceparent", TENANT_HEADER, ...OUTPUTS.headers].join(", "),
        );
        response.setHeader("Access-Control-Max-Age", MAX_AGE_SECONDS);
        response.writeHead(204);
        response.end();
        return;
      }
    }
    handler(request, response);
  };
}
