import type { CombinationDetails } from "@polyreel/contract";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "preact/hooks";
import { frameRateOf } from "./frame-rate.js";
import { stepBy } from "./player.js";
import { type View, views } from "./video-search.js";

interface CompareViewProps {
  readonly a: CombinationDetails;
  readonly b: CombinationDetails;
  readonly view: View;
}

/** Two videos in step: both are sought while they are paused, and then started together, which keeps them within a frame. */
export function CompareView({ a, b, view }: CompareViewProps) {
  const first = useRef<HTMLVideoElement>(null);
  const second = useRef<HTMLVideoElement>(null);
  const [flipped, setFlipped] = useState(false);
  const [playing, setPlaying] = useState(false);
  const navigate = useNavigate({ from: "/batches/$batchId/videos/$combinationId" });
  const both = (): HTMLVideoElement[] => [first.current, second.current].filter((one) => one !== null);
  const play = async (): Promise<void> => {
    const at = first.current?.ended ? 0 : (first.current?.currentTime ?? 0);
    await seekAll(both(), at);
    await Promise.all(both().map((one) => one.play()));
    setPlaying(true);
  };
  const pause = async (): Promise<void> => {
    for (const one of both()) one.pause();
    setPlaying(false);
    await seekAll(both(), first.current?.currentTime ?? 0);
  };
  const step = async (frames: number): Promise<void> => {
    if (!first.current) return;
    stepBy(first.current, frames, frameRateOf(a));
    setPlaying(false);
    await seekAll(both(), first.current.currentTime);
  };
  const show = (chosen: View): void =>
    void navigate({ search: (search) => ({ ...search, view: chosen }), replace: true });
  return (
    <div class="player">
      <div class={`compare compare-${view}`} data-flipped={flipped}>
        {[a, b].map(({ status }, i) => (
          <figure key={status?.id}>
            <video
              ref={i === 0 ? first : second}
              src={status?.urlPath ?? ""}
              muted={i === 1}
              playsInline
              preload="auto"
              aria-label={i === 0 ? "A" : "B"}
              onEnded={() => setPlaying(false)}
            />
            <figcaption>
              {i === 0 ? "A: " : "B: "}
              {status?.choices.map(({ choice }) => choice).join(", ")}
            </figcaption>
          </figure>
        ))}
      </div>
      <div class="player-bar">
        <button type="button" onClick={() => void (playing ? pause() : play())}>
          {playing ? "Pause" : "Play both"}
        </button>
        <button type="button" onClick={() => void step(-1)}>
          Frame back
        </button>
        <button type="button" onClick={() => void step(1)}>
          Frame forward
        </button>
        {Object.entries(views).map(([name, label]) => (
          <button key={name} type="button" aria-pressed={name === view} onClick={() => show(name as View)}>
            {label}
          </button>
        ))}
        {view === "flip" ? (
          <button type="button" onClick={() => setFlipped(!flipped)}>
            Show {flipped ? "A" : "B"}
          </button>
        ) : null}
        <button
          type="button"
          onClick={() => void navigate({ search: ({ with: _, view: __, ...search }) => search, replace: true })}
        >
          Stop comparing
        </button>
      </div>
    </div>
  );
}

/** Seeks videos to a time, and waits until each shows it. */
async function seekAll(videos: readonly HTMLVideoElement[], seconds: number): Promise<void> {
  await Promise.all(
    videos.map(async (video) => {
      video.pause();
      const sought = new Promise<void>((resolve) => video.addEventListener("seeked", () => resolve(), { once: true }));
      video.currentTime = seconds;
      await sought;
    }),
  );
}
