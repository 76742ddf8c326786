import { hash } from "node:crypto";
import { posix } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Batch } from "@polyreel/contract";
import { DigestCounts } from "@polyreel/parts";
import { type Blueprint, blueprintOf, identify, type Picked, selectionOf } from "@polyreel/planning/plan";
import { PolyreelError } from "@polyreel/platform";
import { choicesOf, deliveriesOf, type EarlierBatches, foldName, parsePlaced } from "@polyreel/spec";
import type { OpenedBatch } from "./opened-batch.js";

type Checked = Pick<OpenedBatch, "batch" | "blueprint" | "selection" | "targets" | "earlier">;

/** Combinations after which the event loop gets a turn. */
const BREATHER = 2000;
/** Names of the lists that are written beside a batch's outputs. */
const LISTS = ["manifest.jsonl", "manifest.csv"];

/** An output file of a batch, with its combination. */
interface NamedFile {
  /** Relative to the destination's folder; or including that folder, starting with "/". */
  readonly path: string;
  readonly output: number;
  readonly blueprint: Blueprint;
  readonly picked: Picked;
}

/**
 * Throws PolyreelError `invalid` if two files of a batch would have the same path, or the path of one is a folder of
 * the other, also on file systems that ignore case or Unicode forms. Only exact keys can cause that: names from the
 * template are unique. Continued batches are included, because they may be in the same folder. Paths are compared
 * across the whole batch, because a run may send all outputs to one folder; for nested folders also including the
 * folder.
 */
export async function assertDistinctFiles(opened: Checked, signal: AbortSignal): Promise<void> {
  if (opened.batch.outputs.every(({ as }) => as === "")) return;
  const files = new DigestCounts();
  const folders = new DigestCounts();
  for (const list of LISTS) files.add(digestOf(list));
  for await (const file of filesOf(opened, signal)) {
    const digest = digestOf(file.path);
    const folderDigests = foldersOf(file.path).map(digestOf);
    if (files.add(digest) > 1 || folders.has(digest) || folderDigests.some((folder) => files.has(folder)))
      throw await clash(file, opened, signal);
    for (const folder of folderDigests) folders.add(folder);
  }
}

async function* filesOf({ batch, blueprint, selection, targets, earlier }: Checked, signal: AbortSignal) {
  for (const [i, one] of earlier.entries()) {
    const before = selectionOf(one.batch, batchesBefore(earlier, i));
    await before.prepare(signal);
    yield* filesOfSelection(blueprintOf(one.batch), before, [], signal);
  }
  yield* filesOfSelection(blueprint, selection, nestedFolders(batch, targets), signal);
}

/** Folders by number of the output, if any folder is nested in another one; otherwise empty. */
function nestedFolders(batch: Batch, targets: Checked["targets"]): string[][] {
  const written = targets.filter(({ virtual }) => !virtual);
  const folders = [...new Set(written.map(({ folder }) => folder))];
  const isInside = (one: string, other: string) =>
    one !== other && (other === "." ? parsePlaced(one).destination === "" : one.startsWith(`${other}/`));
  if (!folders.some((one) => folders.some((other) => isInside(one, other)))) return [];
  const deliveries = deliveriesOf(batch);
  return batch.outputs.map((_, output) =>
    written.flatMap(({ delivery, folder }) => (deliveries[delivery]?.output === output ? folder : [])),
  );
}

const batchesBefore = (earlier: readonly EarlierBatches[], index: number): Batch[] =>
  earlier.slice(0, index).map(({ batch }) => batch);

async function* filesOfSelection(
  blueprint: Blueprint,
  selection: Pick<OpenedBatch["selection"], "combinations">,
  folders: readonly (readonly string[])[],
  signal: AbortSignal,
): AsyncGenerator<NamedFile> {
  let count = 0;
  for (const picked of selection.combinations()) {
    const paths = blueprint.fileNames(picked, identify(blueprint, picked).id);
    for (const [output, path] of paths.entries()) {
      yield { path, output, blueprint, picked };
      for (const folder of folders[output] ?? [])
        yield { path: `/${posix.join(folder, path)}`, output, blueprint, picked };
    }
    if (++count % BREATHER === 0) await turn();
    signal.throwIfAborted();
  }
}

const digestOf = (path: string): string => hash("sha256", foldName(path), "hex");

/** All folders in a path. */
function foldersOf(path: string): string[] {
  const segments = path.split("/").slice(0, -1);
  return segments.map((_, i) => segments.slice(0, i + 1).join("/"));
}

/** The error, which names the file that had the path first; searched only in this case. */
async function clash(second: NamedFile, opened: Checked, signal: AbortSignal): Promise<PolyreelError> {
  const taken = foldName(second.path);
  const folders = foldersOf(second.path).map(foldName);
  for await (const first of filesOf(opened, signal)) {
    if (isSame(first, second)) break;
    const path = foldName(first.path);
    if (path === taken) {
      return refusal(`Two files get the name ${quoted(second)}: ${shown(first)}, and ${shown(second)}.`, [
        second,
        first,
      ]);
    }
    if (folders.includes(path) || foldersOf(first.path).some((folder) => foldName(folder) === taken)) {
      const reason = `A file has the path of another file's folder: ${shown(first, true)}, and ${shown(second, true)}.`;
      return refusal(reason, [second, first]);
    }
  }
  return refusal(`${quoted(second)}, of ${shown(second)}, uses the name of a list of files as a folder.`, [second]);
}

const isSame = (one: NamedFile, other: NamedFile): boolean =>
  one.path === other.path &&
  one.blueprint.batch === other.blueprint.batch &&
  one.picked.ordinal === other.picked.ordinal &&
  one.output === other.output;

const quoted = ({ path }: NamedFile): string => JSON.stringify(path.replace(/^\//, ""));

function shown(file: NamedFile, withPath = false): string {
  const { output, blueprint, picked } = file;
  const choices = identify(blueprint, picked).choices.map(({ block, choice }) => `${block}=${choice}`);
  const name = `output ${JSON.stringify(blueprint.batch.outputs[output]?.name)} of ${choices.join(", ")}`;
  return withPath ? `${quoted(file)}, ${name}` : name;
}

function refusal(reason: string, files: readonly NamedFile[]): PolyreelError {
  const { batch } = files[0]?.blueprint ?? {};
  const keyed = files.find(({ output, blueprint }) => blueprint.batch.outputs[output]?.as) ?? files[0];
  const output = keyed?.output ?? 0;
  const missing = batch?.blocks.find(
    (block) => choicesOf(block).length > 1 && !batch.outputs[output]?.as.includes(`{${block.name}}`),
  );
  const placeholders = missing ? `{${missing.name}} or {id}` : "{id}";
  return new PolyreelError("invalid", {
    field: `outputs[${output}].as`,
    reason,
    remedy: `Add a distinguishing placeholder to the key, such as ${placeholders}, give each output its own key, or omit "as".`,
  });
}
