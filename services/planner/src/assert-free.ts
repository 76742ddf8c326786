import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  FOLDER_SUBJECT,
  type FolderAnswer,
  FolderAnswerSchema,
  FolderQuestionSchema,
  type ForeignFile,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { ask, hasNoAnswerer } from "@polyreel/platform/nats/calls.js";
import type { Platform } from "@polyreel/platform/service.js";
import type { OpenedBatch } from "./opened-batch.js";
import { identify } from "./plan/identity.js";
import { suffixesOf } from "./plan/output-files.js";

/** Names asked about at a time: some 50 KB. */
const AT_ONCE = 500;
const TIMEOUT_MS = 5_000;
/** An uploader that is stopped does not answer; another one of its queue may. */
const TRIES = 3;
/** Files that a refusal names. */
const MAX_NAMED = 10;

/** A batch, or some of its combinations, on the way to a folder. */
type BoundBatch = Omit<OpenedBatch, "selection"> & {
  readonly selection: Pick<OpenedBatch["selection"], "combinations">;
};

/**
 * Throws PolyreelError `conflict` where files of somebody else lie where a batch's outputs would, before any work is spent on
 * it. Asks the uploaders, who alone know the folder; where none answers, nothing is known, and each delivery finds out for
 * itself.
 */
export async function assertFree(opened: BoundBatch, platform: Platform, signal: AbortSignal): Promise<void> {
  const [output] = opened.batch.outputs;
  const suffixes = suffixesOf(output);
  if (suffixes.length === 0 || opened.overwrite) return;
  const first = await askUploader(opened, [], platform, signal);
  if (!first || first.empty) return;
  const foreign: ForeignFile[] = [];
  let count = 0;
  for (const fileNames of namesOf(opened, suffixes)) {
    const answer = await askUploader(opened, fileNames, platform, signal);
    if (!answer) return;
    count += answer.foreign.length;
    foreign.push(...answer.foreign.slice(0, MAX_NAMED - foreign.length));
  }
  if (count > 0) throw taken(opened.folder, foreign, count);
}

/** The names of all files, some at a time. */
function* namesOf({ selection, blueprint }: BoundBatch, suffixes: readonly string[]): Generator<string[]> {
  let names: string[] = [];
  for (const picked of selection.combinations()) {
    const name = blueprint.naming(picked, identify(blueprint, picked).id);
    names.push(...suffixes.map((suffix) => name + suffix));
    if (names.length < AT_ONCE) continue;
    yield names;
    names = [];
  }
  if (names.length > 0) yield names;
}

/** Undefined where no uploader answers. */
async function askUploader(
  { batchId, batch: { tenant, name }, folder }: BoundBatch,
  fileNames: string[],
  { stream, log }: Platform,
  signal: AbortSignal,
): Promise<FolderAnswer | undefined> {
  const question = create(FolderQuestionSchema, { batchId, tenant, name, folder, fileNames });
  const request = toBinary(FolderQuestionSchema, question);
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      const answer = await ask(stream.connection, FOLDER_SUBJECT, request, { timeoutMs: TIMEOUT_MS, signal });
      return fromBinary(FolderAnswerSchema, answer);
    } catch (error) {
      signal.throwIfAborted();
      if (!hasNoAnswerer(error) && tries < TRIES) continue;
      log.info({ err: error, batch: batchId }, "no uploader knows the folder; planning without");
      return undefined;
    }
  }
  return undefined;
}

function taken(folder: string, foreign: readonly ForeignFile[], count: number): PolyreelError {
  const named = foreign.map(({ name, batch }) => (batch ? `${name} (of batch ${JSON.stringify(batch)})` : name));
  const more = count > named.length ? ` and ${count - named.length} more` : "";
  const what = count === 1 ? "A file in the way is not this batch's" : `${count} files in the way are not this batch's`;
  return new PolyreelError("conflict", {
    field: "outputs[0].destination",
    reason: `${what}, in ${folder === "." ? "the output folder" : folder}: ${named.join(", ")}${more}.`,
    remedy:
      "Choose another folder or another naming, or write over them: --overwrite, or `overwrite: true` of the folder.",
  });
}
