import "./failures.css";
import type { BatchStatus, FailureGroup } from "@polyreel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/preact-query";
import { Link } from "@tanstack/react-router";
import { batches } from "../api/clients.js";
import { shown } from "../ui/number.js";
import { Problem } from "../ui/problem.js";
import { choiceText } from "../videos/videos-filter.js";
import { hasEnded } from "./has-ended.js";

/** Why videos of a batch failed, the most frequent cause first, with the way to retry just those. */
export function Failures({ batch }: { readonly batch: BatchStatus }) {
  const { batchId, combinations } = batch;
  const failed = combinations?.failed ?? 0n;
  const { data, error } = useQuery({
    queryKey: ["failures", batchId, String(failed)],
    queryFn: ({ signal }) => batches.listFailures({ batchId }, { signal }),
    enabled: failed > 0n,
    placeholderData: (previous) => previous,
  });
  if (failed === 0n) return null;
  return (
    <section aria-labelledby="failures">
      <h2 id="failures">Why videos failed</h2>
      {error ? <Problem error={error} /> : null}
      <ul class="failures">
        {data?.groups.map((group) => (
          <Group key={group.combinationId} batch={batch} group={group} />
        ))}
      </ul>
      {data && data.omitted > 0n ? <p class="quiet">And {shown(data.omitted)} rarer causes.</p> : null}
    </section>
  );
}

function Group({ batch, group }: { readonly batch: BatchStatus; readonly group: FailureGroup }) {
  const { batchId } = batch;
  const { cause, combinations, failure, worthRetrying } = group;
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () => batches.retryBatch({ batchId, ...(cause && { causes: [cause] }) }),
    onSuccess: () => queries.invalidateQueries(),
  });
  const choices = cause?.block ? [choiceText(cause)] : [];
  return (
    <li class="failure">
      <p>
        <strong>{failure?.reason}</strong> {failure?.remedy}
      </p>
      <p class="quiet">
        {`${shown(combinations)} videos`}
        {cause?.block ? `, block ${cause.block}, choice ${cause.choice}` : null}
        {worthRetrying ? null : "; a retry helps once the cause is mended"}
      </p>
      <div class="failure-actions">
        <Link
          to="/batches/$batchId/videos"
          params={{ batchId }}
          search={{ state: "failed", ...(choices.length > 0 && { choices }) }}
        >
          See them
        </Link>
        {hasEnded(batch) ? (
          <button type="button" disabled={retry.isPending} onClick={() => retry.mutate()}>
            Retry these
          </button>
        ) : null}
      </div>
      {retry.error ? <Problem error={retry.error} /> : null}
    </li>
  );
}
