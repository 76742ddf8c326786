import "./batches-page.css";
import type { BatchStatus } from "@polyreel/contract";
import { useInfiniteQuery } from "@tanstack/preact-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useRef } from "preact/hooks";
import { batches } from "../api/clients.js";
import { Meter } from "../ui/meter.js";
import { shown } from "../ui/number.js";
import { Problem } from "../ui/problem.js";
import { useShortcuts } from "../ui/shortcuts.js";
import { isLive, stateName } from "../ui/state-name.js";
import { Time } from "../ui/time.js";
import { useTitle } from "../ui/title.js";
import { type BatchesFilter, readBatchesFilter, sorts, stateFilters } from "./batches-filter.js";

const PAGE_SIZE = 100;

export function BatchesPage() {
  useTitle("Batches");
  const filter = useSearch({ from: "/batches" });
  const list = useBatches(filter);
  const all = list.data?.pages.flatMap((page) => page.batches) ?? [];
  return (
    <>
      <div class="batches-head">
        <h1>Batches</h1>
        <Filters filter={filter} />
      </div>
      {list.error ? <Problem error={list.error} /> : null}
      {list.isPending ? <p class="quiet">Loading…</p> : null}
      {list.isSuccess && all.length === 0 ? (
        <None filtered={filter.state !== undefined || filter.text !== undefined} />
      ) : null}
      {all.length > 0 ? <BatchesTable all={all} /> : null}
      {list.hasNextPage ? (
        <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </button>
      ) : null}
    </>
  );
}

function useBatches({ state = "all", sort = "newest", text = "" }: BatchesFilter) {
  return useInfiniteQuery({
    queryKey: ["batches", state, sort, text],
    queryFn: ({ pageParam, signal }) => {
      const { states } = stateFilters[state];
      const { orderBy } = sorts[sort];
      return batches.listBatches(
        { states: [...states], text, orderBy, pageSize: PAGE_SIZE, pageToken: pageParam },
        { signal },
      );
    },
    initialPageParam: "",
    getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
  });
}

function Filters({ filter }: { readonly filter: BatchesFilter }) {
  const navigate = useNavigate({ from: "/batches" });
  const change = (changed: Readonly<Record<string, string>>): void =>
    void navigate({ search: readBatchesFilter({ ...filter, ...changed }), replace: true });
  const { state = "all", sort = "newest" } = filter;
  const search = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => search.current?.focus() });
  return (
    <>
      <input
        ref={search}
        type="search"
        placeholder="Search names ( / )"
        aria-label="Search names"
        maxLength={100}
        value={filter.text ?? ""}
        onInput={({ currentTarget }) => change({ text: currentTarget.value })}
      />
      <fieldset class="choices">
        <legend class="visually-hidden">State</legend>
        {Object.entries(stateFilters).map(([name, { label }]) => (
          <button key={name} type="button" aria-pressed={name === state} onClick={() => change({ state: name })}>
            {label}
          </button>
        ))}
      </fieldset>
      <select aria-label="Order" value={sort} onChange={({ currentTarget }) => change({ sort: currentTarget.value })}>
        {Object.entries(sorts).map(([name, { label }]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </>
  );
}

const None = ({ filtered }: { readonly filtered: boolean }) =>
  filtered ? (
    <p class="quiet">No batch is like that.</p>
  ) : (
    <p>
      There is no batch yet. Start one from a terminal: <code>polyreel submit batch.yaml</code>
    </p>
  );

const BatchesTable = ({ all }: { readonly all: readonly BatchStatus[] }) => (
  <table class="table">
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">State</th>
        <th scope="col">Progress</th>
        <th scope="col" class="number">
          Videos
        </th>
        <th scope="col" class="number">
          Failed
        </th>
        <th scope="col">Submitted</th>
      </tr>
    </thead>
    <tbody>
      {all.map((batch) => (
        <BatchRow key={batch.batchId} batch={batch} />
      ))}
    </tbody>
  </table>
);

function BatchRow({ batch }: { readonly batch: BatchStatus }) {
  const { batchId, name, state, submittedAt } = batch;
  const { total = 0n, delivered = 0n, failed = 0n, awaitingApproval = 0n } = batch.combinations ?? {};
  return (
    <tr>
      <th scope="row">
        <Link to="/batches/$batchId" params={{ batchId }}>
          {name || batchId}
        </Link>
      </th>
      <td>
        <span class={isLive(state) ? "state-live" : undefined}>{stateName(state)}</span>
      </td>
      <td class="table-progress">
        <Meter
          total={total}
          shares={[
            { kind: "good", count: delivered },
            { kind: "waiting", count: awaitingApproval },
            { kind: "bad", count: failed },
          ]}
        />
      </td>
      <td class="number">{delivered === total ? shown(total) : `${shown(delivered)} of ${shown(total)}`}</td>
      <td class={failed > 0n ? "number some-failed" : "number quiet"}>{shown(failed)}</td>
      <td class="quiet">
        <Time at={submittedAt} />
      </td>
    </tr>
  );
}
