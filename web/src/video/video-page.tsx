import "./video-page.css";
import type { CombinationDetails } from "@polyreel/contract";
import { useQuery } from "@tanstack/preact-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { batches } from "../api/clients.js";
import { Problem } from "../ui/problem.js";
import { useTitle } from "../ui/title.js";
import { Choices } from "./choices.js";
import { CompareView } from "./compare-view.js";
import { Facts } from "./facts.js";
import { frameRateOf } from "./frame-rate.js";
import { Player } from "./player.js";

/** One video of a batch: to be played, walked away from along its blocks, compared with another, and checked. */
export function VideoPage() {
  const { batchId, combinationId } = useParams({ from: "/batches/$batchId/videos/$combinationId" });
  const { with: other, view } = useSearch({ from: "/batches/$batchId/videos/$combinationId" });
  const { data, error } = useCombination(batchId, combinationId);
  const compared = useCombination(batchId, other ?? "");
  const status = data?.status;
  useTitle(status?.choices.map(({ choice }) => choice).join(", ") ?? combinationId);
  if (!data || !status) return error ? <Problem error={error} /> : <p class="quiet">Loading…</p>;
  return (
    <>
      <p>
        <Link to="/batches/$batchId/videos" params={{ batchId }}>
          All videos of this batch
        </Link>
      </p>
      <h1>
        {status.choices.map(({ choice }) => choice).join(", ")}
        <span class="quiet"> {`#${status.ordinal + 1n}`}</span>
      </h1>
      {error ? <Problem error={error} /> : null}
      <div class="video-layout">
        <div>
          {compared.data ? (
            <CompareView a={data} b={compared.data} view={view ?? "side"} />
          ) : (
            <Player url={status.urlPath} rate={frameRateOf(data)} label="This video" />
          )}
          {compared.error ? <Problem error={compared.error} /> : null}
        </div>
        <div>
          <Choices batchId={batchId} status={status} />
          <Facts details={data} />
        </div>
      </div>
    </>
  );
}

function useCombination(batchId: string, combinationId: string) {
  return useQuery({
    queryKey: ["combination", batchId, combinationId],
    queryFn: async ({ signal }): Promise<CombinationDetails | undefined> =>
      (await batches.getCombination({ batchId, combinationId }, { signal })).combination,
    enabled: combinationId !== "",
    placeholderData: (previous) => previous, // The next one along a block replaces it in place.
  });
}
