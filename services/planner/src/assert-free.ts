import { type Failure, type FolderAnswer, type ForeignFile, folderRequest, type Target } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import { identify } from "@polyreel/planning/plan";
import { PolyreelError } from "@polyreel/platform";
import { sendRequest } from "@polyreel/platform/stream";
import { deliveriesOf, deliveryFolders, parsePlaced } from "@polyreel/spec";
import type { OpenedBatch } from "./opened-batch.js";

/** Names in a request, and their total length: exact keys may be long, and message size is limited. */
const AT_ONCE = 500;
const CHARACTERS_AT_ONCE = 100_000;
const TIMEOUT_MS = 5_000;
/** A paused uploader does not answer; another one in its queue group may. */
const ATTEMPTS = 3;
/** Limit of file names in the error. */
const MAX_NAMED = 10;

/** A batch, or some of its combinations, that will be delivered to a folder. */
type BoundBatch = Omit<OpenedBatch, "selection"> & {
  readonly selection: Pick<OpenedBatch["selection"], "combinations">;
};

/**
 * Throws PolyreelError `conflict` if foreign files exist at the paths of a batch's outputs, and `invalid` if one of its
 * destinations takes no files, before any work is done. Asks an uploader, because only uploaders have access to the
 * destinations; if none answers, the check is left to each delivery.
 */
export async function assertFree(opened: BoundBatch, platform: Platform, signal: AbortSignal): Promise<void> {
  await assertDestinations(opened, platform, signal);
  const written = opened.targets.filter(({ virtual, overwrite }) => !virtual && !overwrite);
  for (const folder of new Set(written.map((target) => target.folder))) {
    await assertFolderFree(
      opened,
      written.filter((target) => target.folder === folder),
      platform,
      signal,
    );
  }
}

/** Throws for the first configured destination that an uploader refuses, whether or not files may be overwritten. */
async function assertDestinations(opened: BoundBatch, platform: Platform, signal: AbortSignal): Promise<void> {
  const { batch, batchId, earlier } = opened;
  const deliveries = deliveriesOf(batch);
  const folders = deliveryFolders(batch, batchId, earlier);
  const asked = new Set<string>();
  for (const { folder, delivery } of opened.targets) {
    const { output = 0, position = 0, destination } = deliveries[delivery] ?? {};
    if (parsePlaced(folder).destination === "" || !destination) continue;
    // A run into another folder was checked when it was requested.
    const kind = folders[delivery] === folder ? destination.kind.case : undefined;
    const type = kind === "s3" || kind === "drive" ? kind : "";
    if (asked.has(`${type} ${folder}`)) continue;
    asked.add(`${type} ${folder}`);
    const answer = await askUploader(opened, { folder, type, fileNames: [] }, platform, signal);
    const place = `outputs[${output}].to[${position}].${kind === "virtual" ? "virtual.folder" : kind}`;
    if (answer?.refusal) throw refused(answer.refusal, kind ? place : "");
  }
}

/** The refusal's field is relative to the destination. */
function refused(refusal: Failure, place: string): PolyreelError {
  const field = place && [place, refusal.field].filter(Boolean).join(".");
  return new PolyreelError("invalid", { ...refusal, field });
}

/** `targets`: all of one folder. */
async function assertFolderFree(
  opened: BoundBatch,
  targets: readonly Target[],
  platform: Platform,
  signal: AbortSignal,
): Promise<void> {
  const { folder = "" } = targets[0] ?? {};
  const deliveries = deliveriesOf(opened.batch);
  const outputs = new Set(targets.map(({ delivery }) => deliveries[delivery]?.output ?? 0));
  const inSubfolders = [...outputs].some((output) => opened.batch.outputs[output]?.as.includes("/"));
  const first = await askUploader(opened, { folder, fileNames: [] }, platform, signal);
  if (!first || (first.empty && !inSubfolders)) return;
  const foreign: ForeignFile[] = [];
  let count = 0;
  for (const fileNames of namesOf(opened, [...outputs])) {
    const answer = await askUploader(opened, { folder, fileNames }, platform, signal);
    if (!answer) return;
    count += answer.foreign.length;
    foreign.push(...answer.foreign.slice(0, MAX_NAMED - foreign.length));
  }
  const { output = 0, position = 0 } = deliveries[targets[0]?.delivery ?? 0] ?? {};
  if (count > 0) throw taken(`outputs[${output}].to[${position}]`, folder, foreign, count);
}

/** The names of all files, in chunks of one request. */
function* namesOf({ selection, blueprint }: BoundBatch, outputs: readonly number[]): Generator<string[]> {
  let names: string[] = [];
  let characters = 0;
  for (const picked of selection.combinations()) {
    const all = blueprint.fileNames(picked, identify(blueprint, picked).id);
    for (const output of outputs) {
      names.push(all[output] ?? "");
      characters += names.at(-1)?.length ?? 0;
    }
    if (names.length < AT_ONCE && characters < CHARACTERS_AT_ONCE) continue;
    yield names;
    [names, characters] = [[], 0];
  }
  if (names.length > 0) yield names;
}

/** Undefined if no uploader answers. */
async function askUploader(
  { batchId, batch: { tenant, name } }: BoundBatch,
  question: { readonly folder: string; readonly type?: string; readonly fileNames: string[] },
  { stream, log }: Platform,
  signal: AbortSignal,
): Promise<FolderAnswer | undefined> {
  const request = { batchId, tenant, name, ...question };
  const options = { timeoutMs: TIMEOUT_MS, attempts: ATTEMPTS, signal };
  return sendRequest(stream, folderRequest, request, options).catch((error: unknown) => {
    signal.throwIfAborted();
    log.info({ err: error, batch: batchId }, "no uploader checked the folder; planning without the check");
    return undefined;
  });
}

function taken(field: string, folder: string, foreign: readonly ForeignFile[], count: number): PolyreelError {
  const named = foreign.map(({ name, batch }) => (batch ? `${name} (of batch ${JSON.stringify(batch)})` : name));
  const more = count > named.length ? ` and ${count - named.length} more` : "";
  const where = folder === "." ? "the output folder" : folder;
  const what =
    count === 1
      ? `An existing file in ${where} does not belong to this batch`
      : `${count} existing files in ${where} do not belong to this batch`;
  return new PolyreelError("conflict", {
    field,
    reason: `${what}: ${named.join(", ")}${more}.`,
    remedy:
      "Choose another folder or another naming, or overwrite them with --overwrite, or `overwrite: true` of the folder.",
  });
}
