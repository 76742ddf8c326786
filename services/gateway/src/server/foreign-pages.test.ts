import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, SourceService } from "@polyreel/contract";
import { inChromium, NEEDS_CHROMIUM } from "@polyreel/media/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

const SUBMIT = "/polyreel.v1.BatchService/SubmitBatch";
const LIST = "/polyreel.v1.BatchService/ListBatches";

type Page = Parameters<Parameters<typeof inChromium>[1]>[0];

/** Ways to make a browser send something that changes state without asking the server first (no preflight). */
const attack = (page: Page, base: string): Promise<void> =>
  page.evaluate(`(async () => {
    const base = ${JSON.stringify(base)};
    const submit = ${JSON.stringify(SUBMIT)};
    const batch = JSON.stringify({ batch: { name: "attack", inputs: [{ label: "a", media: { path: "a.mp4" } }] } });
    const file = new FormData();
    file.append("file", new Blob(["attack"]), "attack.mp4");
    const simple = [
      [submit, batch], // As text/plain.
      [submit, new Blob([batch], { type: "application/json" })],
      ["/sources", file],
      ["/api/v1/videos/upload", file],
      ["/api/v1/jobs", new URLSearchParams({ operation: "thumbnail" })],
      ["/uploads", "attack"],
    ];
    for (const [path, body] of simple) {
      await fetch(base + path, { method: "POST", mode: "no-cors", credentials: "include", body }).catch(() => {});
      navigator.sendBeacon(base + path, body);
    }
    for (const method of ["PUT", "DELETE", "PATCH"]) {
      await fetch(base + "/sources/attack.txt", { method, body: "attack" }).catch(() => {});
    }
    for (const enctype of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      for (const path of [submit, "/sources", "/api/v1/videos/upload"]) {
        const frame = document.createElement("iframe");
        frame.name = enctype + path;
        const form = document.createElement("form");
        Object.assign(form, { action: base + path, method: "POST", enctype, target: frame.name });
        const field = document.createElement("input");
        // text/plain joins name and value by "=".
        [field.name, field.value] = ['{"batch":{"name":"attack","labels":{"a":"', '"}}}'];
        form.append(field);
        document.body.append(frame, form);
        const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
        form.submit();
        await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 1000))]);
      }
    }
  })()`);

describe("a page in Chromium, and a gateway of this machine that asks for no keys", NEEDS_CHROMIUM, () => {
  let gateway: RunningGateway;
  let at: string;
  beforeAll(async () => {
    gateway = await runGateway();
    at = `http://gateway.example:${gateway.port}`;
  });
  afterAll(() => gateway.close());

  /** Statuses of all answers of the gateway, by method and path. */
  function watchAnswers(page: Page): Map<string, Set<number>> {
    const answers = new Map<string, Set<number>>();
    page.on("response", (response) => {
      const { port, pathname } = new URL(response.url());
      if (port !== String(gateway.port)) return;
      const key = `${response.request().method()} ${pathname}`;
      answers.set(key, (answers.get(key) ?? new Set()).add(response.status()));
    });
    return answers;
  }

  const changes = async () => {
    const transport = createGrpcTransport({ baseUrl: gateway.url });
    const { batches } = await createClient(BatchService, transport).listBatches({});
    const { sources } = await createClient(SourceService, transport).listSources({});
    return { batches: batches.length, sources: sources.length };
  };

  const FLAGS = [
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    // Chromium's own protection of local networks, which other browsers do not have.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessRespectPreflightResults",
  ];

  it("of another origin can submit, upload and delete nothing, by forms, beacons or fetch", async () => {
    await inChromium(
      new URL("http://127.0.0.1"),
      async (page) => {
        const answers = watchAnswers(page);
        const { port } = new URL(page.url());
        // Another port of the same host, which is the same site; and another site.
        await attack(page, gateway.url);
        await page.goto(`http://evil.example:${port}/`);
        await attack(page, gateway.url);
        const seen = Object.fromEntries([...answers].map(([key, statuses]) => [key, [...statuses]]));
        for (const path of [SUBMIT, "/sources", "/api/v1/videos/upload", "/api/v1/jobs", "/uploads"]) {
          expect(seen[`POST ${path}`]).toEqual([403]);
        }
      },
      FLAGS,
    );
    expect(await changes()).toEqual({ batches: 0, sources: 0 });
  });

  it("whose name was made to mean this machine (DNS rebinding) can not even read", async () => {
    await inChromium(
      new URL("http://127.0.0.1"),
      async (page) => {
        expect((await page.goto(`${at}/docs`))?.status()).toBe(403);
        // As if the page had been loaded before its name was rebound.
        await page.route(`${at}/page`, (route) =>
          route.fulfill({ contentType: "text/html", body: "<title>x</title>" }),
        );
        await page.goto(`${at}/page`);
        const statuses = await page.evaluate(async (list) => {
          const post = (headers: Record<string, string>) =>
            fetch(list, { method: "POST", body: "{}", headers: { "Content-Type": "application/json", ...headers } });
          const forwarded = {
            "X-Forwarded-Host": "localhost",
            "X-Forwarded-For": "127.0.0.1",
            Forwarded: "host=localhost",
          };
          const answers = [
            await post({}),
            await post(forwarded),
            await fetch("/sources"),
            await fetch("/api/v1/videos"),
          ];
          return answers.map(({ status }) => status);
        }, LIST);
        expect(statuses).toEqual([403, 403, 403, 403]);
      },
      FLAGS,
    );
  });

  it("of its own origin can call it", async () => {
    await inChromium(new URL("http://127.0.0.1"), async (page) => {
      await page.goto(`http://localhost:${gateway.port}/docs`);
      const statuses = await page.evaluate(async (list) => {
        const headers = { "Content-Type": "application/json" };
        const put = await fetch("/sources/own.txt", { method: "PUT", body: "own" });
        return [(await fetch(list, { method: "POST", body: "{}", headers })).status, put.status];
      }, LIST);
      expect(statuses).toEqual([200, 201]);
    });
    expect(await changes()).toEqual({ batches: 0, sources: 1 });
  });
});
