import { type CombinationStatus, combinationStateName } from "@polyreel/contract";
import { Link } from "@tanstack/react-router";
import { useState } from "preact/hooks";
import { shown } from "../ui/number.js";

interface TileProps {
  readonly batchId: string;
  /** In the list, from 0. */
  readonly index: number;
  readonly total: number;
  /** Undefined until it is loaded. */
  readonly video: CombinationStatus | undefined;
  /** Tab leads to it; to the others lead the arrow keys. */
  readonly isReached: boolean;
}

/** One video: its poster, which plays while it is pointed at, its choices, and its state. */
export function Tile({ batchId, index, total, video, isReached }: TileProps) {
  const [playing, setPlaying] = useState(false);
  return (
    <li class="tile" data-index={index} aria-setsize={total} aria-posinset={index + 1}>
      {video ? (
        <Link
          to="/batches/$batchId/videos/$combinationId"
          params={{ batchId, combinationId: video.id }}
          tabIndex={isReached ? 0 : -1}
          onMouseEnter={() => setPlaying(true)}
          onMouseLeave={() => setPlaying(false)}
        >
          <div class="tile-picture">
            {playing && video.urlPath ? (
              <video src={video.urlPath} muted autoPlay loop playsInline tabIndex={-1} aria-hidden="true" />
            ) : (
              <Poster key={video.state} batchId={batchId} video={video} />
            )}
          </div>
          <span class="tile-name">{video.choices.map(({ choice }) => choice).join(", ")}</span>
          <span class={video.failure ? "some-failed" : "quiet"}>
            {`#${shown(video.ordinal + 1n)} ${combinationStateName(video.state)}`}
          </span>
        </Link>
      ) : (
        <div class="tile-picture" />
      )}
    </li>
  );
}

/** There is one as soon as the first clip is made. */
function Poster({ batchId, video }: { readonly batchId: string; readonly video: CombinationStatus }) {
  const [missing, setMissing] = useState(false);
  if (video.failure) return <span class="tile-reason">{video.failure.reason}</span>;
  if (missing) return null;
  return <img src={posterPath(batchId, video.id)} alt="" onError={() => setMissing(true)} />;
}

const posterPath = (batchId: string, combinationId: string): string =>
  `/batches/${encodeURIComponent(batchId)}/posters/${encodeURIComponent(combinationId)}`;
