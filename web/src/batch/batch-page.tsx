import "./batch-page.css";
import type { BatchStatus, PartCounts } from "@polyreel/contract";
import { useQuery } from "@tanstack/preact-query";
import { Link, useParams } from "@tanstack/react-router";
import { batches } from "../api/clients.js";
import { Meter } from "../ui/meter.js";
import { shown } from "../ui/number.js";
import { Problem } from "../ui/problem.js";
import { isLive, stateName } from "../ui/state-name.js";
import { Time } from "../ui/time.js";
import { useTitle } from "../ui/title.js";
import { BatchActions } from "./batch-actions.js";
import { Failures } from "./failures.js";

export function BatchPage() {
  const { batchId } = useParams({ from: "/batches/$batchId" });
  const { data, error } = useQuery({
    queryKey: ["batch", batchId],
    queryFn: ({ signal }) => batches.getBatch({ batchId }, { signal }),
  });
  const { batch } = data ?? {};
  useTitle(batch?.name || batchId);
  return (
    <>
      {error ? <Problem error={error} /> : null}
      {batch ? <BatchOverview batch={batch} /> : null}
      {batch || error ? null : <p class="quiet">Loading…</p>}
    </>
  );
}

function BatchOverview({ batch }: { readonly batch: BatchStatus }) {
  const { batchId, name, state, submittedAt, finishedAt, run, waiting } = batch;
  const { total = 0n, delivered = 0n, failed = 0n, awaitingApproval = 0n } = batch.combinations ?? {};
  return (
    <>
      <div class="batch-head">
        <h1>{name || batchId}</h1>
        <BatchActions batch={batch} />
      </div>
      <p class="quiet">
        <span class={isLive(state) ? "state-live" : undefined}>{stateName(state)}</span>
        {", submitted "}
        <Time at={submittedAt} />
        {finishedAt ? ", ended " : null}
        <Time at={finishedAt} />
        {run > 1 ? `, run ${run}` : null}
      </p>
      <section class="card" aria-label="Videos">
        <Meter
          total={total}
          shares={[
            { kind: "good", count: delivered },
            { kind: "waiting", count: awaitingApproval },
            { kind: "bad", count: failed },
          ]}
        />
        <dl class="figures">
          <Figure name="Videos" value={total} />
          <Figure name="Delivered" value={delivered} />
          {awaitingApproval > 0n ? <Figure name="Awaiting approval" value={awaitingApproval} /> : null}
          <Figure name="Failed" value={failed} isBad={failed > 0n} />
        </dl>
        <p>
          <Link to="/batches/$batchId/videos" params={{ batchId }}>
            See the videos
          </Link>
        </p>
        {waiting?.next ? (
          <p class="quiet">
            {shown(waiting.count)} being tried again: {waiting.next.reason}
          </p>
        ) : null}
      </section>
      <Failures batch={batch} />
      <Parts batch={batch} />
    </>
  );
}

const Figure = ({ name, value, isBad = false }: { name: string; value: bigint; isBad?: boolean }) => (
  <div>
    <dt class="quiet">{name}</dt>
    <dd class={isBad ? "some-failed" : undefined}>{shown(value)}</dd>
  </div>
);

/** What was made once and shared, by stage. */
function Parts({ batch }: { readonly batch: BatchStatus }) {
  const { clips, voices, soundtracks, renditions } = batch;
  const stages = Object.entries({ Clips: clips, Voices: voices, Soundtracks: soundtracks, Renditions: renditions });
  const rows = stages.filter((stage): stage is [string, PartCounts] => (stage[1]?.distinct ?? 0n) > 0n);
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby="parts">
      <h2 id="parts">Made once, and shared</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Progress</th>
            {["Distinct", "Made", "Reused", "Failed"].map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, { distinct, made, reused, failed }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="table-progress">
                <Meter
                  total={distinct}
                  shares={[
                    { kind: "good", count: made + reused },
                    { kind: "bad", count: failed },
                  ]}
                />
              </td>
              <td class="number">{shown(distinct)}</td>
              <td class="number">{shown(made)}</td>
              <td class="number">{shown(reused)}</td>
              <td class={failed > 0n ? "number some-failed" : "number quiet"}>{shown(failed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
