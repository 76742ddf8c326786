import { inChromium, type Video } from "./chromium-page.js";

/**
 * Seeks in a paused video to each of these times in turn, and returns the presentation time of the frame shown, in
 * seconds; NaN if none. Playback is paused, so the result does not depend on the machine's load.
 */
export const seekInChromium = (video: Video, seconds: readonly number[]): Promise<number[]> =>
  inChromium(video, async (page, source) => {
    const shown = await page.evaluate<(number | null)[]>(`(${SEEK})(${JSON.stringify([source, seconds])})`);
    return shown.map((time) => time ?? Number.NaN);
  });

/** Runs in the page. */
const SEEK = `async ([source, seconds]) => {
  const video = document.querySelector("video");
  // So that most of the video is not loaded yet at the seek.
  video.preload = "metadata";
  video.src = source;
  await new Promise((ready) => { video.onloadeddata = video.onerror = ready; });
  const shown = [];
  for (const time of seconds) {
    let frame = null;
    const signalled = new Promise((resolve) => {
      video.requestVideoFrameCallback((_now, metadata) => { frame = metadata.mediaTime; resolve(); });
      setTimeout(resolve, 20_000);
    });
    video.currentTime = time;
    await new Promise((done) => { video.onseeked = video.onerror = done; });
    await signalled;
    shown.push(frame);
  }
  return shown;
}`;
