import { once } from "node:events";
import http2 from "node:http2";
import { CHROMIUM, inChromium } from "@polyreel/media/testing";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../../testing/running-gateway.js";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
});
afterAll(() => gateway?.close());

it("describes every route below /api/v1 by a valid OpenAPI 3.1 document", async () => {
  const response = await fetch(`${gateway.url}/openapi.json`);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  const description = (await response.json()) as { openapi: string; paths: Record<string, object> };
  expect(description.openapi).toMatch(/^3\.1/);
  expect(await new Validator().validate(structuredClone(description))).toEqual({ valid: true });
  const routes = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.sort()).toEqual([
    ...["DELETE /api/v1/videos/{id}", "GET /api/v1/health"],
    ...["GET /api/v1/jobs/{job_id}", "GET /api/v1/jobs/{job_id}/download"],
    ...["GET /api/v1/media/{media_id}/artifacts", "GET /api/v1/stats", "GET /api/v1/videos"],
    ...["GET /api/v1/videos/{id}/download", "GET /api/v1/videos/{id}/metadata", "GET /api/v1/videos/{id}/status"],
    ...["POST /api/v1/jobs", "POST /api/v1/jobs/{job_id}/retry", "POST /api/v1/media", "POST /api/v1/upload"],
    "POST /api/v1/videos/upload",
  ]);
  const ids = JSON.stringify(description).match(/"operationId":"\w+"/g) ?? [];
  expect(new Set(ids).size).toBe(routes.length);
});

it("tells browsers and curl what is served here", async () => {
  const text = await fetch(gateway.url, { headers: { accept: "*/*" } });
  expect([text.status, text.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
  expect(await text.text()).toContain("/docs");
  const page = await fetch(gateway.url, { headers: { accept: "text/html,*/*;q=0.8" } });
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(await page.text()).toContain('<a href="/docs">');
});

it("serves the page over HTTP/2, with a policy that permits its own scripts alone", async () => {
  const session = http2.connect(gateway.url);
  try {
    const stream = session.request({ ":path": "/docs/" });
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    stream.resume();
    expect(headers[":status"]).toBe(200);
    expect(headers["content-security-policy"]).toContain("script-src 'self';");
    await once(stream, "end");
    const script = session.request({ ":path": "/docs/static/swagger-ui-bundle.js" });
    const [{ ":status": status }] = (await once(script, "response")) as [http2.IncomingHttpHeaders];
    script.resume();
    expect(status).toBe(200);
    await once(script, "end");
  } finally {
    session.destroy();
  }
});

describe("Chromium with /docs", () => {
  it("shows the API and sends a request, without leaving this server or breaking the policy", async ({ skip }) => {
    skip(!CHROMIUM, "needs Chromium");
    const problems: string[] = [];
    const hosts = new Set<string>();
    const answer = await inChromium("", async (page) => {
      page.on("console", (message) => {
        const { url } = message.location();
        if (message.type() === "error" && url.startsWith(gateway.url)) problems.push(`${message.text()} ${url}`);
      });
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("request", (request) => hosts.add(new URL(request.url()).host));
      await page.setViewportSize({ width: 1200, height: 1400 });
      await page.goto(`${gateway.url}/docs`);
      await page.getByText("/api/v1/stats").first().click();
      await page.getByRole("button", { name: "Execute" }).click();
      const shown = page.locator(".live-responses-table .response-col_description pre").first();
      const text = await shown.textContent({ timeout: 30_000 });
      return text;
    });
    expect(answer).toContain('"totalVideos": 0');
    expect(problems).toEqual([]);
    expect([...hosts].filter((host) => host !== new URL(gateway.url).host)).toEqual([]);
  });
});
