import { cors } from "@connectrpc/connect";
import { TENANT_HEADER } from "../call/identify.js";
import { LAST_EVENT_ID } from "../events/last-event-id.js";
import type { Handler } from "./one-port.js";

/** Methods and headers for outputs, sources and REST, in addition to those for calls. */
const OUTPUTS = {
  methods: ["HEAD", "PUT", "DELETE"],
  headers: ["Authorization", "Range", "If-Match", "If-None-Match", "If-Range", "Repr-Digest", "Content-Digest"],
  exposed: ["Accept-Ranges", "Content-Disposition", "Content-Length", "Content-Range", "ETag", "Retry-After"],
};

/** Those of resumable uploads: https://tus.io/protocols/resumable-upload */
const UPLOADS = {
  methods: ["PATCH"],
  headers: [
    "Tus-Resumable",
    "Upload-Length",
    "Upload-Offset",
    "Upload-Metadata",
    "X-HTTP-Method-Override",
    "X-Request-ID",
  ],
  exposed: [
    ...["Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Location"],
    ...["Upload-Length", "Upload-Offset", "Upload-Metadata", "Upload-Expires", "Polyreel-Source"],
  ],
};

/** Preflight responses are cached for two hours, Chromium's maximum. */
const MAX_AGE_SECONDS = 7200;

/**
 * Allows pages of the given origins ("https://example.org") to call the API and read outputs from a browser. Browsers
 * withhold responses from other origins; the gateway's own pages need no permission.
 */
export function withCors(handler: Handler, origins: readonly string[]): Handler {
  if (origins.length === 0) return handler;
  return (request, response) => {
    const { origin } = request.headers;
    response.setHeader("Vary", "Origin");
    if (origin && origins.includes(origin)) {
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader(
        "Access-Control-Expose-Headers",
        [...cors.exposedHeaders, ...OUTPUTS.exposed, ...UPLOADS.exposed].join(", "),
      );
      if (request.method === "OPTIONS") {
        response.setHeader(
          "Access-Control-Allow-Methods",
          [...cors.allowedMethods, ...OUTPUTS.methods, ...UPLOADS.methods].join(", "),
        );
        response.setHeader(
          "Access-Control-Allow-Headers",
          [
            ...[...cors.allowedHeaders, "traceparent", TENANT_HEADER, LAST_EVENT_ID],
            ...[...OUTPUTS.headers, ...UPLOADS.headers],
          ].join(", "),
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
