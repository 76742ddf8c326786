import "./videos-page.css";
import { combinationStates } from "@polyreel/contract";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useBlocks } from "../batch/blocks.js";
import { shown } from "../ui/number.js";
import { Problem } from "../ui/problem.js";
import { useTitle } from "../ui/title.js";
import { useVideos } from "./use-videos.js";
import { VideoGrid } from "./video-grid.js";
import { choiceText, orders, readVideosFilter, type VideosFilter, withChoiceToggled } from "./videos-filter.js";

/** The videos of a batch as tiles, a million of them if need be. */
export function VideosPage() {
  const { batchId } = useParams({ from: "/batches/$batchId/videos" });
  const filter = useSearch({ from: "/batches/$batchId/videos" });
  const videos = useVideos(batchId, filter);
  useTitle(`Videos of ${videos.name || batchId}`);
  return (
    <>
      <div class="videos-head">
        <h1>
          <Link to="/batches/$batchId" params={{ batchId }}>
            {videos.name || batchId}
          </Link>
        </h1>
        <p role="status" class="quiet">
          {videos.total === undefined ? "Loading…" : `${shown(videos.total)} videos`}
        </p>
      </div>
      <Filters batchId={batchId} filter={filter} />
      {videos.error ? <Problem error={videos.error} /> : null}
      {videos.total === 0 ? <p class="quiet">No video of this batch is like that.</p> : null}
      {videos.total ? (
        <VideoGrid
          key={JSON.stringify({ ...filter, from: 0 })}
          batchId={batchId}
          filter={filter}
          total={videos.total}
        />
      ) : null}
    </>
  );
}

function Filters({ batchId, filter }: { readonly batchId: string; readonly filter: VideosFilter }) {
  const { data: blocks = [] } = useBlocks(batchId);
  const navigate = useNavigate({ from: "/batches/$batchId/videos" });
  const show = (next: VideosFilter): void => void navigate({ search: next });
  const { from: _, ...kept } = filter;
  return (
    <div class="videos-filters">
      <fieldset class="choices">
        <legend>State</legend>
        {["all", ...Object.keys(combinationStates)].map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={state === (filter.state ?? "all")}
            onClick={() => show(readVideosFilter({ ...kept, state }))}
          >
            {state}
          </button>
        ))}
      </fieldset>
      {blocks
        .filter(({ choices }) => choices.length > 1)
        .map(({ name: block, choices }) => (
          <fieldset key={block} class="choices">
            <legend>{block}</legend>
            {choices.map(({ choice, total, failed }) => (
              <button
                key={choice}
                type="button"
                aria-pressed={filter.choices?.includes(choiceText({ block, choice })) ?? false}
                onClick={() => show(withChoiceToggled(filter, { block, choice }))}
              >
                {choice} <span class="count">{shown(filter.state === "failed" ? failed : total)}</span>
              </button>
            ))}
          </fieldset>
        ))}
      <select
        aria-label="Order"
        value={filter.order ?? "number"}
        onChange={({ currentTarget }) => show(readVideosFilter({ ...kept, order: currentTarget.value }))}
      >
        {Object.entries(orders).map(([name, { label }]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}
