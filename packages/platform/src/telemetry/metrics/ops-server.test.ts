import { createServer } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Releasers } from "../../lifecycle.js";
import { freePort } from "../../testing/free-port.js";
import { count, record, show } from "./metrics.js";
import { openOps } from "./ops-server.js";

let releasers: Releasers;
beforeEach(() => {
  releasers = new Releasers();
});
afterEach(() => releasers.close());

const service = (name: string, lacks: () => string | undefined = () => undefined) => ({
  service: name,
  version: "1.2.3",
  lacks,
});
const get = async (port: number | undefined, path: string, init?: RequestInit) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return [response.status, await response.text()] as const;
};

it("serves metrics, life and readiness of all services of a process", async () => {
  count("polyreel.facts", { fact: "before.it" }); // Nobody asks yet.
  let lacking: string | undefined = "NATS cannot be reached";
  const config = { host: "127.0.0.1", port: 0 };
  const { port } = releasers.use(await openOps(config, service("one")));
  const two = await openOps(
    config,
    service("two", () => lacking),
  );
  expect(two.port).toBe(port);
  expect(await get(port, "/ready")).toEqual([503, "two: NATS cannot be reached\n"]);
  expect(await get(port, "/live")).toEqual([200, "live\n"]);
  const unready = (await get(port, "/metrics"))[1];
  expect(unready).toContain('polyreel_service_ready{service="one"} 1');
  expect(unready).toContain('polyreel_service_ready{service="two"} 0');
  lacking = undefined;
  expect(await get(port, "/ready")).toEqual([200, "ready\n"]);

  count("polyreel.facts", { fact: "batch.planned" });
  count("polyreel.facts", { fact: "batch.planned" }, 2);
  record("polyreel.stage.work.duration", { stage: "encode", outcome: "ok" }, 2);
  const broken = show("polyreel.stage.waiting", () => Promise.reject(new Error("NATS is away")));
  releasers.use(show("polyreel.stage.waiting", async () => [{ value: 7, attributes: { stage: "encode" } }]));
  const [status, text] = await get(port, "/metrics");
  expect(status).toBe(200);
  expect(text).toContain('polyreel_facts_total{fact="batch.planned"} 3');
  expect(text).not.toContain("before.it");
  expect(text).toContain('polyreel_stage_work_duration_seconds_bucket{stage="encode",outcome="ok",le="2.5"} 1');
  expect(text).toContain('polyreel_stage_waiting{stage="encode"} 7');
  expect(text).toContain('polyreel_service_info{service="two",version="1.2.3"} 1');
  expect(text).toMatch(/process_memory_usage_bytes [1-9]\d{6}/);
  expect(text).toMatch(/nodejs_eventloop_delay_p99_seconds [\d.e-]+/);
  await broken.close();
  await two.close();
  expect(await get(port, "/ready")).toEqual([200, "ready\n"]);
});

it("refuses other methods and paths, and says that a port is taken", async () => {
  const port = await freePort();
  const { port: opened } = releasers.use(await openOps({ host: "127.0.0.1", port }, service("one")));
  expect(opened).toBe(port);
  expect((await get(port, "/metrics", { method: "POST" }))[0]).toBe(405);
  expect((await get(port, "/"))[0]).toBe(404);
  await releasers.close();
  const other = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  await expect(openOps({ host: "127.0.0.1", port }, service("one"))).rejects.toMatchObject({ code: "precondition" });
  await new Promise((resolve) => other.close(resolve));
});

it("is left out without a port", async () => {
  const { port } = await openOps({ host: "127.0.0.1", port: undefined }, service("one"));
  expect(port).toBeUndefined();
});
