import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { needs } from "@polyreel/platform/testing";
import { chromium, type Page } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

const PATH = "/usr/bin/chromium";
/** Whether Chromium is installed; tests that need it are skipped otherwise. */
export const CHROMIUM = existsSync(PATH);
export const NEEDS_CHROMIUM = needs(CHROMIUM, "needs Chromium");

/** A video for a browser: a file, or a URL. */
export type Video = string | URL;

/**
 * Runs a function in a page of Debian's Chromium that has one <video>, and returns its result. It receives the video's
 * source: a file is served with range requests on the loopback interface. `flags`: further ones of Chromium.
 */
export async function inChromium<T>(
  video: Video,
  run: (page: Page, source: string) => Promise<T>,
  flags: readonly string[] = [],
): Promise<T> {
  const server = createServer((request, response) => {
    serve(video, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath: PATH, args: [...FLAGS, ...flags] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    return await run(page, typeof video === "string" ? "/video.mp4" : video.href);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

const PAGE = "<!doctype html><title>Player</title><video width=180 height=320 preload=auto></video>";

/** Serves the page, and the file with range requests. */
async function serve(video: Video, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/") {
    response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    return;
  }
  if (request.url !== "/video.mp4" || typeof video !== "string") {
    response.writeHead(404).end();
    return;
  }
  const { size } = await stat(video);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  response.writeHead(range ? 206 : 200, {
    "content-type": "video/mp4",
    "accept-ranges": "bytes",
    "content-length": end - start + 1,
    ...(range && { "content-range": `bytes ${start}-${end}/${size}` }),
  });
  await pipeline(createReadStream(video, { start, end }), response);
}
