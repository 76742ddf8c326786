import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, needs } from "@polyreel/platform/testing";
import { expect, it } from "vitest";
import { runBatch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { makeFootage, put } from "../testing/media.js";
import { startPipeline } from "../testing/pipeline.js";
import { PROMETHEUS, promtool } from "../testing/prometheus.js";
import { unknownIn } from "./names.js";
import { deployed, readRules } from "./rules.js";

it(
  "promtool accepts the configuration and the alerts, and their unit tests pass",
  needs(PROMETHEUS, "needs Prometheus"),
  () => {
    expect(promtool(["check", "config", deployed("prometheus/prometheus.yaml")])).toMatchObject({ code: 0 });
    expect(promtool(["check", "rules", deployed("prometheus/alerts.yaml")])).toMatchObject({ code: 0 });
    expect(promtool(["test", "rules", deployed("prometheus/alerts.test.yaml")])).toMatchObject({ code: 0 });
  },
);

it("uses metrics and labels that exist", async () => {
  const { rules } = await readRules();
  expect(rules.length).toBeGreaterThan(9);
  for (const { alert, expr } of rules) expect(unknownIn(expr), alert).toEqual([]);
});

it.each([
  ["sum by (stag) (rate(polyreel_stage_waiting[5m])) > 0", ["stag"]],
  ['polyreel_facts_total{stage="voice"} > 1', ["polyreel_facts_total{stage}"]],
  ["max(polyreel_fact_total) or up", ["polyreel_fact_total"]],
])("recognises names that do not exist: %s", (expression, unknown) => {
  expect(unknownIn(expression)).toEqual(unknown);
});

it("has a runbook for each alert, and an alert for each runbook", async () => {
  const { rules } = await readRules();
  const pages = await readdir(deployed("../docs/runbooks"));
  expect(pages.sort()).toEqual(rules.map(({ alert }) => `${alert}.md`).sort());
  for (const { alert, annotations } of rules) expect(annotations.runbook_url).toBe(`docs/runbooks/${alert}.md`);
});

it("has runbooks whose expressions use metrics and labels that exist", async () => {
  const folder = deployed("../docs/runbooks");
  const pages = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
  const spans = pages.flatMap((page) => [...page.replace(/^```.*?^```/gms, "").matchAll(/`([^`\n]+)`/g)]);
  const expressions = spans
    .map(([, span = ""]) => span)
    .filter((span) => /^polyreel_|^nodejs_|^process_|[({]/.test(span));
  expect(expressions.length).toBeGreaterThan(15);
  for (const expression of expressions) expect(unknownIn(expression), expression).toEqual([]);
});

it("promtool accepts the metrics of services at work", needs(PROMETHEUS, "needs Prometheus"), async () => {
  const ports = { gateway: 0, planner: 0, tts: 0, renderer: 0, uploader: 0 };
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  const own = (name: keyof typeof ports) => ({ POLYREEL_OPS_PORT: String(ports[name]) });
  const pipeline = await startPipeline({}, { own });
  try {
    const clip = await put(pipeline, await makeFootage(pipeline.folder, "hook.mp4"));
    await runBatch(pipeline, {
      blocks: [video("hook", { choices: [footage("hook", clip)] }), voice("say", { choices: [{ text: "Go" }] })],
    });
    for (const [name, port] of Object.entries(ports)) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(text).toContain(`polyreel_service_ready{service="polyreel-${name}"} 1`);
      // A gauge of milliseconds or a counter without `_total`, for example, is an error.
      expect(promtool(["check", "metrics"], text), name).toEqual({ code: 0, output: "" });
    }
  } finally {
    await pipeline.close();
  }
});
