import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { BatchState } from "@polyreel/contract";
import { CHROMIUM, inChromium } from "@polyreel/media/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { combinationsOf, submit } from "./testing/batches.js";
import { footage, video } from "./testing/blocks.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const WITHIN = { timeout: 60_000 };

const guide = await readFile(new URL("../../docs/guide/events.md", import.meta.url), "utf8");
let pipeline: Pipeline;
let batchId: string;

/** The guide's page, of another origin than the gateway's. */
const pages = createServer((_, response) => {
  const [, html = ""] = /```html\n(.*?)```/s.exec(guide) ?? [];
  response.setHeader("content-type", "text/html");
  response.end(html.replace("http://127.0.0.1:8080", pipeline.url));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const { port } = pages.address() as AddressInfo;
  pipeline = await startPipeline({ GATEWAY_ALLOWED_ORIGINS: `http://127.0.0.1:${port}` });
  const films = ["a", "b"].map(async (name) =>
    put(pipeline, await makeFootage(pipeline.folder, `${name}.mp4`, { seconds: 0.3, size: "160x90", sound: false })),
  );
  const choices = (await Promise.all(films)).map((sha256, i) => footage(`${i}`, sha256));
  // Waits in the middle, for as long as the test needs.
  batchId = await submit(pipeline, { name: "events", approve: true, blocks: [video("hook", { choices })] });
  while ((await pipeline.batches.getBatch({ batchId })).batch?.state !== BatchState.AWAITING_APPROVAL) await sleep(50);
});
afterAll(async () => {
  pages.closeAllConnections();
  pages.close();
  await pipeline?.close();
});

/** A command of the guide, verbatim but for its placeholders. */
async function curl(command: string, id = ""): Promise<string> {
  const line = guide.split("\n").find((one) => one.startsWith(command)) ?? "";
  const filled = line
    .replace(/ +#.*$/, "")
    .replace("http://127.0.0.1:8080", pipeline.url)
    .replace("<batch id>", batchId)
    .replace("<event id>", id);
  return (await promisify(execFile)("sh", ["-c", filled])).stdout;
}

const facts = (text: string) => text.split("\n\n").filter((event) => event.startsWith("id: "));

it("the guide's page goes on with another gateway after the first is killed", async ({ skip }) => {
  skip(!CHROMIUM, "needs Chromium");
  const { port } = pages.address() as AddressInfo;
  await inChromium(new URL(`http://127.0.0.1:${port}/?batch=${batchId}`), async (page, source) => {
    await page.goto(source);
    const [first] = await combinationsOf(pipeline, batchId);
    await pipeline.batches.approveCombinations({ batchId, which: { combinationIds: [first?.id ?? ""] } });
    await page.waitForFunction("document.querySelectorAll('li').length === 1", undefined, WITHIN);
    await pipeline.services.gateway.kill("SIGKILL");
    await page.waitForFunction("events.readyState === EventSource.CONNECTING", undefined, WITHIN);
    const { logged } = pipeline.start("gateway");
    await logged(/^listening/);
    await page.waitForFunction("events.readyState === EventSource.OPEN", undefined, WITHIN);
    await pipeline.batches.approveCombinations({ batchId });
    await page.waitForFunction("document.title === 'Done'", undefined, WITHIN);
    const shown = await page.evaluate("[...document.querySelectorAll('li')].map((one) => one.textContent)");
    expect((shown as string[]).sort()).toEqual([`${batchId}/0.mp4`, `${batchId}/1.mp4`]);
  });
});

it("the guide's commands print everything, and what follows an event", async () => {
  if (!CHROMIUM) await pipeline.batches.approveCombinations({ batchId });
  const all = facts(await curl("curl -N http://127.0.0.1:8080/events/<batch id>"));
  expect(all.at(-1)).toContain("event: finished");
  const [, third = ""] = /^id: (\d+)/.exec(all[2] ?? "") ?? [];
  const rest = await curl("curl -N http://127.0.0.1:8080/events/<batch id> -H", third);
  expect(facts(rest)).toEqual(all.slice(3));
  expect(rest.endsWith(`event: end\ndata: {"batchId":"${batchId}"}\n\n`)).toBe(true);
});
