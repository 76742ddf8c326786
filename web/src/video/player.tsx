import { useRef } from "preact/hooks";
import { useShortcuts } from "../ui/shortcuts.js";

interface PlayerProps {
  /** Path at the gateway; empty while there is no file. */
  readonly url: string;
  /** Frames a second; 0 if unknown: then there are no single steps. */
  readonly rate: number;
  readonly label: string;
}

/** Plays a video, also frame by frame. */
export function Player({ url, rate, label }: PlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const step = (frames: number): void => {
    if (video.current && rate > 0) stepBy(video.current, frames, rate);
  };
  useShortcuts({ ",": () => step(-1), ".": () => step(1), " ": () => void togglePlaying(video.current) });
  if (url === "") return <p class="video-none quiet">There is no file yet.</p>;
  return (
    <div class="player">
      {/* biome-ignore lint/a11y/useMediaCaption: captions are part of the picture, or a track of the file. */}
      <video ref={video} key={url} src={url} controls playsInline preload="auto" aria-label={label} />
      <div class="player-bar">
        <button type="button" disabled={rate === 0} onClick={() => step(-1)}>
          Frame back
        </button>
        <button type="button" disabled={rate === 0} onClick={() => step(1)}>
          Frame forward
        </button>
        <a href={url} download="">
          Download
        </a>
        <span class="quiet">Keys: space plays, comma and full stop step.</span>
      </div>
    </div>
  );
}

const togglePlaying = async (video: HTMLVideoElement | null): Promise<void> =>
  video?.paused ? video.play() : video?.pause();

/** Steps to the middle of another frame: its edges belong to both neighbours after rounding. */
export function stepBy(video: HTMLVideoElement, frames: number, rate: number): void {
  video.pause();
  const frame = Math.max(0, Math.floor(video.currentTime * rate + 1e-3) + frames);
  video.currentTime = Math.min((frame + 0.5) / rate, video.duration);
}
