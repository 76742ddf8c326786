import { inChromium, type Video } from "./chromium-page.js";

export { CHROMIUM, NEEDS_CHROMIUM } from "./chromium-page.js";

/** Result of playing a video to its end in a browser. */
export interface Playback {
  /** Why it stopped before the end; otherwise empty. */
  error: string;
  durationSeconds: number;
  endedAtSeconds: number;
  /** Presentation times of the frames seen, in seconds from the start of the video. */
  frameTimes: number[];
  /** How often playback stalled after it had begun. */
  stalls: number;
}

/** Result of playing a video several times. */
export interface PlayedThrough extends Pick<Playback, "error" | "durationSeconds" | "endedAtSeconds"> {
  /** Presentation times of all frames seen at least once, in seconds from the start of the video. */
  frameTimes: number[];
  /** No frame was shown twice, or out of order. */
  inOrder: boolean;
  /** In the best of the plays. */
  stalls: number;
}

/** Increasingly slow. */
const RATES = [1, 0.5, 0.25, 0.25];

/**
 * Plays a video until each of its frames was seen and one play had no stall, at most four times: a busy machine misses
 * random frames of any video, and fewer at a slow rate; faults of the video show every time.
 */
export async function playThrough(video: Video, frames: number): Promise<PlayedThrough> {
  const seen = new Map<number, number>();
  let inOrder = true;
  let stalls = Number.POSITIVE_INFINITY;
  for (let play = 0; ; play++) {
    const played = await playInChromium(video, { rate: RATES[play] ?? 1 });
    const { error, durationSeconds, endedAtSeconds, frameTimes } = played;
    for (const time of frameTimes) seen.set(Math.round(time * 1e4), time);
    inOrder &&= frameTimes.every((time, i) => i === 0 || time > (frameTimes[i - 1] as number));
    stalls = Math.min(stalls, played.stalls);
    if (error === "" && (seen.size < frames || stalls > 0) && play < RATES.length - 1) continue;
    const times = [...seen.values()].sort((a, b) => a - b);
    return { error, durationSeconds, endedAtSeconds, inOrder, stalls, frameTimes: times };
  }
}

/** Plays a video once. A slower rate gives the browser more time per frame. */
const playInChromium = (video: Video, { rate = 1 } = {}): Promise<Playback> =>
  inChromium(video, (page, source) => page.evaluate<Playback>(`(${PLAY})(${JSON.stringify(source)}, ${rate})`));

/** Runs in the page. */
const PLAY = `async (source, rate) => {
  const video = document.querySelector("video");
  const frameTimes = [];
  const onFrame = (_now, frame) => {
    frameTimes.push(frame.mediaTime);
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  // The first frame must be on the screen before the clock runs.
  video.src = source;
  await new Promise((ready) => { video.oncanplaythrough = video.onerror = ready; });
  await new Promise((later) => setTimeout(later, 300));
  let stalls = 0;
  video.onwaiting = () => stalls++;
  video.playbackRate = rate;
  const error = await new Promise((end) => {
    video.onended = () => end("");
    video.onerror = () => end(video.error?.message || "unknown");
    setTimeout(() => end("still playing after a minute"), 60_000);
    video.play().catch((reason) => end(String(reason)));
  });
  await new Promise((later) => setTimeout(later, 100));
  return { error, frameTimes, stalls, durationSeconds: video.duration, endedAtSeconds: video.currentTime };
}`;
