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
  /** Frames that were put on the screen, and that were decoded but came too late for it. */
  presentedFrames: number;
  droppedFrames: number;
  /** How often it had to wait for data or the decoder while it played. */
  stalls: number;
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

/**
 * Plays a file of so many frames, at a slower rate where some were missed: a busy machine drops frames of any video, but not
 * always, and fewer of a slow one; what is wrong with the file shows every time.
 */
export async function playThrough(path: string, frames: number): Promise<Playback> {
  let playback: Playback | undefined;
  for (const rate of [1, 0.5, 0.25]) {
    playback = await playInChromium(path, { rate });
    if (playback.frameTimes.length === frames && playback.stalls === 0) break;
  }
  return playback as Playback;
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
  let presentedFrames = 0;
  let stalls = 0;
  const onFrame = (_now, frame) => {
    frameTimes.push(frame.mediaTime);
    presentedFrames = frame.presentedFrames;
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  // The first frame must be on the screen before the clock runs.
  video.src = "/video.mp4";
  await new Promise((ready) => { video.oncanplaythrough = video.onerror = ready; });
  await new Promise((later) => setTimeout(later, 300));
  video.onwaiting = () => stalls++;
  video.playbackRate = rate;
  const error = await new Promise((end) => {
    video.onended = () => end("");
    video.onerror = () => end(video.error?.message || "unknown");
    setTimeout(() => end("still playing after a minute"), 60_000);
    video.play().catch((reason) => end(String(reason)));
  });
  await new Promise((later) => setTimeout(later, 100));
  const { droppedVideoFrames } = video.getVideoPlaybackQuality();
  return {
    error, frameTimes, presentedFrames, stalls, droppedFrames: droppedVideoFrames,
    durationSeconds: video.duration, endedAtSeconds: video.currentTime,
  };
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
