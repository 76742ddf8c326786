import { DASHBOARD } from "../../dashboard/dashboard-path.js";
import type { WebApp } from "../../web/web-app.js";
import { BATCH_SCHEMA, DESCRIPTION, DOCS } from "./public-pages.js";

const LINES = [
  [DASHBOARD, "the dashboard: batches, their videos, and why some failed"],
  [DOCS, "the REST API, to read and to try"],
  [DESCRIPTION, "its description, as OpenAPI 3.1"],
  [BATCH_SCHEMA, "the JSON Schema of batch files, for editors"],
  ["/api/v1/health", "health"],
  ["/api/v1/videos", "uploaded videos"],
] as const;

const NOTE =
  "gRPC, gRPC-Web and Connect are served on this port too: polyreel.v1.BatchService and others, with reflection.";

const TEXT = `Polyreel

${LINES.map(([path, what]) => `${path.padEnd(20)}${what}`).join("\n")}

${NOTE}
`;

const HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Polyreel</title>
<h1>Polyreel</h1>
<ul>
${LINES.map(([path, what]) => `<li><a href="${path}">${path}</a>: ${what}</li>`).join("\n")}
</ul>
<p>${NOTE}</p>
`;

/** What lives here, for people who come with a browser or curl. */
export function landingPage(app: WebApp): void {
  app.get("/", { schema: { hide: true } }, async ({ headers }, reply) => {
    const isBrowser = /\btext\/html\b/.test(headers.accept ?? "");
    return reply
      .type(isBrowser ? "text/html; charset=utf-8" : "text/plain; charset=utf-8")
      .headers({ Vary: "Accept", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'" })
      .send(isBrowser ? HTML : TEXT);
  });
}
