import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inChromium, NEEDS_CHROMIUM } from "@polyreel/media/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeMedia } from "../guide/media.js";
import { endOf, submit } from "../testing/batches.js";
import { footage, text, video } from "../testing/blocks.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";

/** Pictures of docs/guide/dashboard.md are made anew with UPDATE_PICTURES=1. */
const PICTURES = fileURLToPath(new URL("../../../docs/guide/pictures/", import.meta.url));
const UPDATE = Boolean(process.env.UPDATE_PICTURES);
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WAIT = { timeout: 30_000 };

let pipeline: Pipeline;
let hooks: string[];
let body: string;
beforeAll(async () => {
  pipeline = await startPipeline();
  const { folder } = pipeline;
  const media = join(folder, "media");
  if (UPDATE) await makeMedia(media, folder);
  const make = (name: string, hertz: number) =>
    UPDATE ? join(media, name) : makeFootage(folder, name, { seconds: 1, size: "180x320", hertz });
  const paths = await Promise.all([make("hook-a.mp4", 300), make("hook-b.mp4", 400), make("body-demo.mp4", 500)]);
  const hashes = await Promise.all(paths.map((path) => put(pipeline, path)));
  body = hashes.pop() ?? "";
  hooks = hashes;
});
afterAll(() => pipeline?.close());

/** 2 hooks, of which a third is missing, 2 bodies of the same footage, 2 headlines: 12 videos, 4 of which fail. */
const spring = () =>
  submit(pipeline, {
    name: "spring sale",
    canvas: UPDATE ? { width: 360, height: 640 } : { width: 90, height: 160 },
    blocks: [
      video("hook", {
        choices: [
          ...hooks.map((hash, i) => footage(i === 0 ? "glass" : "fruit", hash)),
          footage("missing", "0".repeat(64)),
        ],
      }),
      video("body", {
        choices: [footage("demo", body), footage("short", body, { trim: { duration: { nanos: 5e8 } } })],
      }),
      text("headline", { over: ["hook"], choices: [{ text: "Half price" }, { text: "Free delivery" }] }),
    ],
  });

const problems: string[] = [];
async function withPage(run: (page: Page) => Promise<void>, size = { width: 1200, height: 800 }): Promise<void> {
  await inChromium("", async (page) => {
    page.on("pageerror", ({ message }) => problems.push(message));
    page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
    await page.setViewportSize(size);
    await run(page);
  });
}

/** What axe finds on a page, in either theme. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(await readFile(AXE, "utf8"));
    const results = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>("axe.run()");
    found.push(...results.violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes[0]?.html}`));
  }
  return found;
}

async function picture(page: Page, name: string): Promise<void> {
  if (UPDATE) await page.screenshot({ path: join(PICTURES, name), type: "jpeg", quality: 80 });
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

it("shows a batch from its submission to the retry of what failed", NEEDS_CHROMIUM, async () => {
  await withPage(async (page) => {
    await page.goto(`${pipeline.url}/ui/`);
    await page.getByText("There is no batch yet.").waitFor(WAIT);
    const batchId = await spring();
    // Live, without a reload.
    await page.getByRole("link", { name: "spring sale" }).waitFor(WAIT);
    await page.getByRole("row", { name: /spring sale Finished/ }).waitFor(WAIT);
    expect(await page.getByRole("row", { name: /spring sale/ }).textContent()).toContain("8 of 12");
    expect(await violations(page)).toEqual([]);
    await picture(page, "dashboard.jpg");

    await page.keyboard.press("/");
    await page.keyboard.type("winter");
    await page.getByText("No batch is like that.").waitFor(WAIT);
    await page.getByLabel("Search names").fill("SPRING");

    await page.getByRole("link", { name: "spring sale" }).click();
    await page.getByRole("heading", { name: "Why videos failed" }).waitFor(WAIT);
    const cause = page.locator(".failure");
    await cause.waitFor(WAIT);
    expect(await cause.textContent()).toContain("4 videos, block hook, choice missing");
    expect(await violations(page)).toEqual([]);
    await picture(page, "dashboard-batch.jpg");
    await page.getByRole("button", { name: "Retry these" }).click();
    await page.getByText(/run 2/).waitFor(WAIT);
    await endOf(pipeline, batchId, { withinSeconds: 60 });

    await page.getByRole("link", { name: "See them" }).click();
    await page.getByText("4 videos").waitFor(WAIT);
    expect(new URL(page.url()).searchParams.get("state")).toBe("failed");
    await page.reload();
    await page.getByText("4 videos").waitFor(WAIT);
  });
  expect(problems.filter((text) => !text.includes("404"))).toEqual([]);
});

it("shows the videos of a batch, one of them, and two in step", NEEDS_CHROMIUM, async () => {
  const { batches } = await pipeline.batches.listBatches({});
  const batchId = batches[0]?.batchId ?? "";
  await withPage(async (page) => {
    await page.goto(`${pipeline.url}/ui/batches/${batchId}/videos`);
    await page.getByText("12 videos").waitFor(WAIT);
    const pictures = page.locator(".tile img");
    await expect.poll(() => pictures.count(), WAIT).toBe(8);
    await expect
      .poll(
        () => page.evaluate('[...document.querySelectorAll(".tile img")].every((img) => img.naturalWidth > 0)'),
        WAIT,
      )
      .toBe(true);
    expect(await violations(page)).toEqual([]);
    await picture(page, "dashboard-videos.jpg");

    await page.getByRole("button", { name: /^fruit/ }).click();
    await page.getByText("4 videos").waitFor(WAIT);
    await page.locator(".tile a").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /fruit/ }).waitFor(WAIT);
    const duration = () => page.evaluate<number>('document.querySelector("video")?.duration ?? 0');
    await expect.poll(duration, WAIT).toBeGreaterThan(1);
    expect(await violations(page)).toEqual([]);

    const before = page.url();
    await page.getByLabel("hook", { exact: true }).selectOption("glass");
    await page.getByRole("heading", { name: /^glass/ }).waitFor(WAIT);
    expect(page.url()).not.toBe(before);

    await page.getByLabel("Compare with another headline").selectOption({ index: 1 });
    await page.getByRole("button", { name: "Play both" }).waitFor(WAIT);
    await expect
      .poll(() => page.evaluate('[...document.querySelectorAll("video")].filter((v) => v.readyState > 2).length'), WAIT)
      .toBe(2);
    await picture(page, "dashboard-compare.jpg");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Play both" }).click();
    await page.waitForTimeout(400);
    await page.getByRole("button", { name: "Pause" }).click();
    const apart = () =>
      page.evaluate<number>(
        '(([a, b]) => Math.abs(a.currentTime - b.currentTime))([...document.querySelectorAll("video")])',
      );
    await expect.poll(apart).toBeLessThan(1 / 60);
    for (const view of ["Flip", "Difference"]) {
      await page.getByRole("button", { name: view }).click();
      await expect.poll(() => new URL(page.url()).searchParams.get("view")).toBe(view.toLowerCase());
    }
  });
});

it("lists what the server has", NEEDS_CHROMIUM, async () => {
  const seen = {
    Voices: ["Voices", "rms"],
    Destinations: ["Destinations", "None is configured"],
    Usage: ["Usage this month", "default"],
    Keys: ["Keys", "There is none."],
    Users: ["Users", "There is none."],
    Audit: ["Audit log", "SubmitBatch"],
  };
  await withPage(async (page) => {
    await page.goto(`${pipeline.url}/ui/`);
    for (const [link, [title = "", content = ""]] of Object.entries(seen)) {
      await page.getByRole("navigation").getByRole("link", { name: link }).click();
      await page.getByRole("heading", { name: title }).waitFor(WAIT);
      await page.getByText(content).first().waitFor(WAIT);
      expect(await violations(page), link).toEqual([]);
    }
  });
});

it("fits a phone, asks before it deletes, and goes on after a restart", NEEDS_CHROMIUM, async () => {
  const { batches } = await pipeline.batches.listBatches({});
  const batchId = batches[0]?.batchId ?? "";
  await withPage(
    async (page) => {
      for (const path of ["", `batches/${batchId}`, `batches/${batchId}/videos`, "audit"]) {
        await page.goto(`${pipeline.url}/ui/${path}`);
        await page
          .getByText(path === "audit" ? "SubmitBatch" : "spring sale")
          .first()
          .waitFor(WAIT);
        expect(await overflow(page), path).toBeLessThanOrEqual(0);
      }
      await page.goto(`${pipeline.url}/ui/batches/${batchId}`);
      await page.getByRole("button", { name: "Delete…" }).click();
      const confirm = page.getByRole("button", { name: "Delete", exact: true });
      expect(await confirm.isDisabled()).toBe(true);
      expect(await violations(page)).toEqual([]);

      await pipeline.services.gateway.kill("SIGTERM");
      await page.getByText("Not connected.").waitFor(WAIT);
      await pipeline.start("gateway").logged(/^listening/);
      await page.getByText("Not connected.").waitFor({ state: "detached", ...WAIT });

      await page.getByRole("textbox").fill("spring sale");
      await confirm.click();
      await page.waitForURL(`${pipeline.url}/ui/batches`);
      await page.getByText("There is no batch yet.").waitFor(WAIT);
    },
    { width: 390, height: 800 },
  );
});
