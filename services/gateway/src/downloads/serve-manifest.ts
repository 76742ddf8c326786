import { type Batch, BatchState, CombinationState, type DeliveryStatus } from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { toPolyreelError } from "@polyreel/platform";
import { type Store, scopedStore } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { DEFAULT_TENANT } from "@polyreel/spec";
import {
  jsonLine,
  type ManifestRow,
  manifestColumns,
  spreadsheetHeader,
  spreadsheetLine,
  statusRow,
  withPosters,
} from "@polyreel/spec/rows";
import { deliveriesOfOutputs } from "../batches/deliveries-of-outputs.js";
import { knownBatch } from "../batches/known-batch.js";
import type { Call } from "../call/call.js";
import type { SignedLinks } from "../links/signed-links.js";
import type { KnownBatch, ReadModel } from "../read-model/read-model.js";
import { disposition } from "../web/answer-bytes.js";
import { sendFile } from "../web/send-file.js";
import { callOf, type WebApp } from "../web/web-app.js";
import { combinationsOf, fileNameIn } from "./selected-outputs.js";
import { parseSelection, type Selection } from "./selection.js";

/** Columns of metadata: keys of all choices. Others are left out, as a table cannot grow while it is written. */
const MAX_METADATA = 1000;

interface Deps {
  readonly store: Store;
  readonly model: ReadModel;
  readonly links: SignedLinks;
  readonly log: Log;
}

const TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/x-ndjson" } as const;
type Format = keyof typeof TYPES;

/** GET /batches/<id>/manifest.csv and .jsonl: the rows of the manifests in folders, as they are now, on request with links. */
export const manifests =
  (deps: Deps) =>
  (app: WebApp): void => {
    for (const format of Object.keys(TYPES) as Format[]) {
      app.get<{ Params: { batchId: string } }>(`/batches/:batchId/manifest.${format}`, async (request, reply) => {
        const call = callOf(request, reply);
        const { batchId } = request.params;
        const selection = parseSelection(new URL(request.url, "http://gateway").searchParams);
        const batch = await knownBatch(deps.model, batchId, call.scope);
        deliveriesOfOutputs(batch.outputs, selection.outputs, "output");
        const isRead = request.method !== "HEAD";
        const body = isRead ? linesOf(format, deps, batch, selection, call) : nothing();
        const headers = {
          "Content-Type": TYPES[format],
          "Content-Disposition": disposition(`manifest-${batchId}.${format}`, "attachment"),
          "X-Content-Type-Options": "nosniff",
          "Cache-Control": "no-store",
        };
        await sendFile(reply, { status: 200, headers, body, first: await body.next() }, call.signal, deps.log);
      });
    }
  };

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* linesOf(
  format: Format,
  deps: Deps,
  batch: KnownBatch,
  selection: Selection,
  call: Call,
): AsyncGenerator<Uint8Array> {
  const rows = rowsOf(deps, batch, selection, call);
  if (format === "jsonl") {
    for await (const row of rows) yield Buffer.from(jsonLine(row));
    return;
  }
  const { blocks, metadata } = await namesIn(deps.model, batch, selection, call);
  const specification = await specificationOf(deps.store, batch);
  const columns = manifestColumns(blocks, metadata, { batch: specification, links: selection.links });
  yield Buffer.from(spreadsheetHeader(columns));
  for await (const row of withPosters(rows, specification)) yield Buffer.from(spreadsheetLine(row, columns));
}

/** Undefined if it was removed just now. */
async function specificationOf(store: Store, { status, specSha256 }: KnownBatch): Promise<Batch | undefined> {
  try {
    return await readSpecification(scopedStore(store, status.tenant), { batchId: status.batchId, specSha256 });
  } catch (error) {
    if (toPolyreelError(error).code === "not_found") return undefined;
    throw error;
  }
}

async function* rowsOf(
  { model, links }: Deps,
  { status: { batchId, tenant, state } }: KnownBatch,
  selection: Selection,
  call: Call,
): AsyncGenerator<ManifestRow> {
  const isCancelled = state === BatchState.CANCELLED;
  const linkTo = (path: string) =>
    links.url("GET", path, { tenant: tenant || DEFAULT_TENANT, lifetimeMs: lifetimeWithin(links, call) });
  for await (const combination of combinationsOf(model, batchId, selection, call)) {
    for (const delivery of combination.outputs.filter((one) => isSelected(one, selection))) {
      yield statusRow(combination, delivery, {
        isCancelled,
        ...(delivery.urlPath && { fileName: fileNameIn(delivery.urlPath) }),
        ...(selection.links && delivery.urlPath && { link: linkTo(delivery.urlPath) }),
      });
    }
  }
}

/** Links in a manifest that was reached by a link end with that one: it permits nothing for longer than it was made for. */
function lifetimeWithin(links: SignedLinks, { principal }: Call): number | undefined {
  if (principal.kind !== "link") return undefined;
  return Math.max(1000, Math.min(links.expiry(), principal.expiresAtMs) - Date.now());
}

const isSelected = ({ name, state }: DeliveryStatus, { outputs, state: wanted }: Selection): boolean =>
  (outputs.length === 0 || outputs.includes(name)) && (wanted === CombinationState.UNSPECIFIED || state === wanted);

/** Blocks, in the batch's order, and keys of metadata. */
async function namesIn(model: ReadModel, { status: { batchId } }: KnownBatch, selection: Selection, call: Call) {
  const blocks = new Set<string>();
  const metadata = new Set<string>();
  for await (const combination of combinationsOf(model, batchId, selection, call)) {
    for (const { block } of combination.choices) blocks.add(block);
    for (const key of Object.keys(combination.metadata)) if (metadata.size < MAX_METADATA) metadata.add(key);
  }
  return { blocks: [...blocks], metadata: [...metadata].sort() };
}
