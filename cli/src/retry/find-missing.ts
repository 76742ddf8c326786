import { dirname, resolve } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { FoundSourceSchema, MissingSource } from "@polyreel/contract";
import { isMissing, normalizeBatch, placeKey, sourcePlaces } from "@polyreel/spec";
import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { formatWhere, ProblemsError } from "../problem.js";
import { readBatchFile } from "../read-batch-file.js";
import { putWhole } from "../sources/bind-sources.js";
import { putRemotely } from "../sources/put-remote.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import type { SubmittedFrom } from "./submitted-from.js";

type FoundSource = MessageInitShape<typeof FoundSourceSchema>;

export interface MissingOptions {
  readonly batchId: string;
  readonly server: string;
  /** The batch file, if the user names one. */
  readonly file?: string;
}

const PAGE_SIZE = 1000;

/**
 * Uploads the files of a batch that were missing when it was submitted, and are there now. Returns them with those that
 * earlier retries found, so that a repeated request is the same. Notes which are still missing, and what to do.
 */
export async function findMissing(
  options: MissingOptions,
  connection: Connection,
  { terminal, submittedFrom, signal }: { terminal: Terminal; submittedFrom: SubmittedFrom; signal: AbortSignal },
): Promise<FoundSource[]> {
  const missing = await missingSources(options.batchId, connection, signal);
  const found = missing.filter(({ sha256 }) => sha256 !== "");
  const open = missing.filter(({ sha256 }) => sha256 === "");
  if (open.length === 0) return found.map(foundSource);
  const path = options.file ?? (await submittedFrom.recall(options));
  const paths = path === undefined ? undefined : await filesNamed(path, options, terminal);
  if (!paths) {
    const files = `${counted(open.length, "file")} of the batch ${open.length === 1 ? "was" : "were"} missing when it was submitted.`;
    terminal.note(`${files}\nTo use the files that exist now: polyreel retry ${options.batchId} --file <batch file>\n`);
    return found.map(foundSource);
  }
  const { batch } = await call(connection, connection.batches.getBatch({ batchId: options.batchId }, { signal }));
  const put = putRemotely(connection, batch?.tenant ?? "");
  for (const source of open) {
    const file = paths.get(placeKey(source));
    const now = file === undefined ? { unreadable: NOT_NAMED } : await putWhole(file, put, signal);
    if ("sha256" in now) found.push({ ...source, sha256: now.sha256 });
    else terminal.note(`still missing: ${file ?? source.name}: ${now.unreadable}  ${formatWhere(source)}\n`);
  }
  return found.map(foundSource);
}

const foundSource = ({ block, choice, field, sha256 }: MissingSource): FoundSource => ({
  block,
  choice,
  field,
  sha256,
});

const NOT_NAMED = "The batch file does not name it any more.";

async function missingSources(batchId: string, connection: Connection, signal: AbortSignal): Promise<MissingSource[]> {
  const all: MissingSource[] = [];
  let pageToken = "";
  do {
    const request = { batchId, pageSize: PAGE_SIZE, pageToken };
    const page = await call(connection, connection.batches.listMissingSources(request, { signal }));
    all.push(...page.sources);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return all;
}

/** Absolute paths of a batch file's files, by where the batch names them; undefined if a remembered file is gone. */
async function filesNamed(
  path: string,
  { batchId, file }: MissingOptions,
  terminal: Terminal,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const { batch, sources } = await readBatchFile(path);
    // Paths stand in the place of sources, which have the same fields here as in the batch that was submitted.
    for (const { path: source, message } of sources)
      message.location = { case: "unreadable", value: resolve(dirname(path), source) };
    const places = [...sourcePlaces(normalizeBatch(batch))].filter(isMissing);
    return new Map(places.map((place) => [placeKey(place), String(place.source.location.value)]));
  } catch (error) {
    if (file !== undefined || !(error instanceof ProblemsError)) throw error;
    terminal.note(`Batch ${batchId} was submitted from ${path}, which can't be used: ${error.message}\n`);
    return undefined;
  }
}
