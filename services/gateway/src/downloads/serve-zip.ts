import { create } from "@bufbuild/protobuf";
import { BatchState, ChosenSchema, CombinationState } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { assertChoices } from "../batches/assert-choices.js";
import { deliveriesOfOutputs } from "../batches/deliveries-of-outputs.js";
import { knownBatch } from "../batches/known-batch.js";
import type { Call } from "../call/call.js";
import type { Outputs } from "../outputs/outputs.js";
import type { KnownBatch, ReadModel } from "../read-model/read-model.js";
import { disposition } from "../web/answer-bytes.js";
import { sendFile } from "../web/send-file.js";
import { callOf, type WebApp } from "../web/web-app.js";
import { combinationsOf, OutputSelector, SERVED_STATES, type SelectedOutput } from "./selected-outputs.js";
import { parseSelection, type Selection } from "./selection.js";
import { type ZipEntry, ZipSize, zipArchive } from "./zip-archive.js";

/** Files of one archive, whose names and sums are in memory until its end: 30 MB. */
const MAX_FILES = 250_000;

interface Deps {
  readonly model: ReadModel;
  readonly outputs: Outputs;
  readonly store: Store;
  readonly log: Log;
}

/**
 * GET /batches/<id>/outputs.zip: the selected outputs in one archive. It is made while it is read, from the parts. An output
 * that cannot be read cuts the response: an archive that looks complete is complete.
 */
export const outputsZip =
  (deps: Deps) =>
  (app: WebApp): void => {
    app.get<{ Params: { batchId: string } }>("/batches/:batchId/outputs.zip", async (request, reply) => {
      const { model, log } = deps;
      const call = callOf(request, reply);
      const { batchId } = request.params;
      const selection = parseSelection(new URL(request.url, "http://gateway").searchParams);
      assertServed(selection);
      const batch = await knownBatch(model, batchId, call.scope);
      deliveriesOfOutputs(batch.outputs, selection.outputs, "output");
      const { files, totalBytes } = await sizeOf(model, batchId, selection, call);
      if (files === 0) {
        await assertChoices(
          deps.store,
          batch,
          selection.choices.map((one) => create(ChosenSchema, one)),
          "choice",
        );
        throw nothingMatches();
      }
      const isRead = request.method !== "HEAD";
      const body = isRead ? zipArchive(entriesOf(deps, batchId, selection, call)) : nothing();
      const headers = {
        "Content-Type": "application/zip",
        // While combinations are added, the length is unknown.
        ...(totalBytes !== undefined && hasEnded(batch) && { "Content-Length": totalBytes }),
        "Content-Disposition": disposition(`${(batch.status.name || batchId).replaceAll("/", "-")}.zip`, "attachment"),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
      };
      // The first file is read before the headers are sent: if it is missing, the status reports it.
      await sendFile(reply, { status: 200, headers, body, first: await body.next() }, call.signal, log);
    });
  };

async function* nothing(): AsyncGenerator<Uint8Array> {}

const hasEnded = ({ status: { state } }: KnownBatch): boolean =>
  state === BatchState.FINISHED || state === BatchState.CANCELLED;

function assertServed({ state, links }: Selection): void {
  if (links) {
    throw new PolyreelError("invalid", {
      field: "links",
      reason: "An archive has files, and no links.",
      remedy: "Leave it out, or ask for manifest.csv.",
    });
  }
  if (state === CombinationState.UNSPECIFIED || SERVED_STATES.includes(state)) return;
  throw new PolyreelError("invalid", {
    field: "state",
    reason: "Outputs in this state have no files.",
    remedy: "Choose delivered or awaiting.",
  });
}

/** Number of files, and size of the whole archive; undefined if that of a file is not known. Throws PolyreelError for too many. */
async function sizeOf(model: ReadModel, batchId: string, selection: Selection, call: Call) {
  const selector = new OutputSelector(selection);
  const size = new ZipSize();
  let files = 0;
  let isKnown = true;
  for await (const combination of combinationsOf(model, batchId, selection, call)) {
    for (const { fileName, sizeBytes } of selector.of(combination)) {
      size.add(fileName, sizeBytes);
      isKnown &&= sizeBytes > 0;
      if (++files > MAX_FILES) throw tooMany();
    }
  }
  return { files, totalBytes: isKnown ? size.totalBytes : undefined };
}

async function* entriesOf(deps: Deps, batchId: string, selection: Selection, call: Call): AsyncGenerator<ZipEntry> {
  const selector = new OutputSelector(selection);
  for await (const combination of combinationsOf(deps.model, batchId, selection, call)) {
    for (const selected of selector.of(combination)) yield await openEntry(deps, batchId, selected, call);
  }
}

async function openEntry(
  { outputs, log }: Deps,
  batchId: string,
  { combination, delivery, fileName }: SelectedOutput,
  { scope }: Call,
): Promise<ZipEntry> {
  const about = { batchId, combination: combination.id, output: delivery.name };
  const noted = (error: unknown) => {
    log.warn({ ...about, err: error }, "an output is missing in an archive");
    return error;
  };
  try {
    const output = await outputs.find(batchId, combination.id, scope, { output: delivery.name });
    const bytes = output.read(0, output.sizeBytes);
    const first = await bytes.next();
    return {
      ...{ name: fileName, modifiedAt: output.renderedAt, sizeBytes: output.sizeBytes },
      bytes: (async function* () {
        try {
          if (!first.done) yield first.value;
          yield* bytes;
        } catch (error) {
          throw noted(error);
        }
      })(),
    };
  } catch (error) {
    throw noted(error);
  }
}

const nothingMatches = (): PolyreelError =>
  new PolyreelError("not_found", {
    reason: "No outputs of the batch match.",
    remedy: "ListCombinations lists them with their states.",
  });

const tooMany = (): PolyreelError =>
  new PolyreelError("exhausted", {
    field: "outputs",
    reason: `An archive has at most ${MAX_FILES.toLocaleString("en-US")} files.`,
    remedy: "Choose fewer outputs by choice= and output=, in several archives.",
  });
