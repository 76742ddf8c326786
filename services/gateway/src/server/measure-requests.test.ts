import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Releasers } from "@polyreel/platform";
import { openOps } from "@polyreel/platform/metrics";
import { expect, it } from "vitest";
import { measureRequests } from "./measure-requests.js";

it("measures requests by their routes, and guesses of strangers as one", async () => {
  await using releasers = new Releasers();
  const probed = { service: "test", version: "1", lacks: () => undefined };
  const { port } = releasers.use(await openOps({ host: "127.0.0.1", port: 0 }, probed));
  const request = (method: string, url: string, statusCode: number) => {
    const response = Object.assign(new EventEmitter(), { statusCode });
    const handle = measureRequests(() => void response.emit("close"));
    handle({ method, url, headers: {} } as IncomingMessage, response as unknown as ServerResponse);
  };
  request("GET", "/outputs/b/c?x=1", 200);
  request("PUT", "/sources/a.mp4", 201);
  request("POST", "/jobs", 201);
  request("BREW", "/wp-login.php", 404);
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const counted = [...text.matchAll(/^http_server_request_duration_seconds_count\{(.*)\} 1$/gm)].map(
    ([, labels]) => labels,
  );
  expect(counted).toEqual([
    'http_request_method="GET",http_route="/outputs",http_response_status_code="200"',
    'http_request_method="PUT",http_route="/sources",http_response_status_code="201"',
    'http_request_method="POST",http_route="/jobs",http_response_status_code="201"',
    'http_request_method="_OTHER",http_route="/",http_response_status_code="404"',
  ]);
});
