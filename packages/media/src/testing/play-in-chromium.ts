import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { chromium } from "playwright-core";

/** What a browser made of a video that it was left to play to its end. */
export interface Playback {
  /** Why it stopped before the end; empty where it did not. */
  error: string;
  durationSeconds: number;
  endedAtSeconds: number;
  /** When each frame that was seen is presented, in seconds from the start of the video. */
  frameTimes: number[];
}

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
/** Whether it is there: tests that need it are skipped where it is not. */
export const CHROMIUM = existsSync(PATH);

/** What a browser showed of a video that it played several times. */
export interface PlayedThrough extends Pick<Playback, "error" | "durationSeconds" | "endedAtSeconds"> {
  /** When each frame that was seen at least once is presented, in seconds from the start of the video. */
  frameTimes: number[];
  /** No frame was shown twice, or before the one it follows. */
  inOrder: boolean;
}

/** Slower and slower. */
const RATES = [1, 0.5, 0.25, 0.25];

/**
 * Plays a file of so many frames until each of them was seen, at most four times: a busy machine misses frames of any video,
 * now these and now those, and fewer of a slow one; what is wrong with the file shows every time.
 */
export async function playThrough(path: string, frames: number): Promise<PlayedThrough> {
  const seen = new Map<number, number>();
  let inOrder = true;
  for (let play = 0; ; play++) {
    const { error, durationSeconds, endedAtSeconds, frameTimes } = await playInChromium(path, {
      rate: RATES[play] ?? 1,
    });
    for (const time of frameTimes) seen.set(Math.round(time * 1e4), time);
    inOrder &&= frameTimes.every((time, i) => i === 0 || time > (frameTimes[i - 1] as number));
    if (error === "" && seen.size < frames && play < RATES.length - 1) continue;
    return { error, durationSeconds, endedAtSeconds, inOrder, frameTimes: [...seen.values()].sort((a, b) => a - b) };
  }
}

/** Plays a file in Debian's Chromium from a server on the loopback interface. A slower rate leaves it more time a frame. */
export async function playInChromium(path: string, { rate = 1 } = {}): Promise<Playback> {
  const server = createServer((request, response) => {
    serve(path, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath: PATH, args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    return await page.evaluate<Playback>(`(${PLAY})(${rate})`);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

/** Runs in the page. */
const PLAY = `async (rate) => {
  const video = document.querySelector("video");
  const frameTimes = [];
  const onFrame = (_now, frame) => {
    frameTimes.push(frame.mediaTime);
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  // The first frame must be on the screen before the clock runs.
  video.src = "/video.mp4";
  await new Promise((ready) => { video.oncanplaythrough = video.onerror = ready; });
  await new Promise((later) => setTimeout(later, 300));
  video.playbackRate = rate;
  const error = await new Promise((end) => {
    video.onended = () => end("");
    video.onerror = () => end(video.error?.message || "unknown");
    setTimeout(() => end("still playing after a minute"), 60_000);
    video.play().catch((reason) => end(String(reason)));
  });
  await new Promise((later) => setTimeout(later, 100));
  return { error, frameTimes, durationSeconds: video.duration, endedAtSeconds: video.currentTime };
}`;

const PAGE = "<!doctype html><title>Player</title><video width=180 height=320 preload=auto></video>";

/** The page, and the file by ranges. */
async function serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/") {
    response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    return;
  }
  if (request.url !== "/video.mp4") {
    response.writeHead(404).end();
    return;
  }
  const { size } = await stat(path);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  response.writeHead(range ? 206 : 200, {
    "content-type": "video/mp4",
    "accept-ranges": "bytes",
    "content-length": end - start + 1,
    ...(range && { "content-range": `bytes ${start}-${end}/${size}` }),
  });
  await pipeline(createReadStream(path, { start, end }), response);
}
