import { hash } from "node:crypto";
import { posix } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Batch } from "@polyreel/contract";
import { type Blueprint, blueprintOf, identify, type Picked, selectionOf } from "@polyreel/planning/plan";
import { PolyreelError } from "@polyreel/platform";
import { choicesOf, deliveriesOf, type EarlierBatches, foldName } from "@polyreel/spec";
import { DigestSet } from "./digest-set.js";
import type { OpenedBatch } from "./opened-batch.js";

type Checked = Pick<OpenedBatch, "batch" | "blueprint" | "selection" | "targets" | "earlier">;

/** After so many combinations others get a turn. */
const BREATHER = 2000;
/** What lists a batch's outputs beside them. */
const LISTS = ["manifest.jsonl", "manifest.csv"];

/** A file of a batch, and what it is made for. */
interface NamedFile {
  /** Below the destination's folder; or with that, behind a "/". */
  readonly path: string;
  readonly output: number;
  readonly blueprint: Blueprint;
  readonly picked: Picked;
}

/**
 * Throws PolyreelError `invalid` where two files of a batch would have one path, or one a path that leads through the other, also
 * where file systems don't tell capitals or Unicode forms apart. Only exact keys can do that: names that the template gives are
 * told apart. What the batch continues counts, as it may lie in the same folder. Paths count in the whole batch, as a run may
 * send all to one folder; and where folders lie in one another, also the paths behind those.
 */
export async function assertDistinctFiles(opened: Checked, signal: AbortSignal): Promise<void> {
  if (opened.batch.outputs.every(({ as }) => as === "")) return;
  const files = new DigestSet();
  const folders = new DigestSet();
  for (const list of LISTS) files.add(digestOf(list));
  for await (const file of filesOf(opened, signal)) {
    const digest = digestOf(file.path);
    const through = foldersOf(file.path).map(digestOf);
    if (!files.add(digest) || folders.has(digest) || through.some((folder) => files.has(folder)))
      throw await clash(file, opened, signal);
    for (const folder of through) folders.add(folder);
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

/** By number of the output, the folders that it is written to, where any lies in another one; otherwise none. */
function nestedFolders(batch: Batch, targets: Checked["targets"]): string[][] {
  const written = targets.filter(({ virtual }) => !virtual);
  const folders = [...new Set(written.map(({ folder }) => folder))];
  const isInside = (one: string, other: string) => one !== other && (other === "." || one.startsWith(`${other}/`));
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

/** Paths of the folders that a path leads through. */
function foldersOf(path: string): string[] {
  const segments = path.split("/").slice(0, -1);
  return segments.map((_, i) => segments.slice(0, i + 1).join("/"));
}

/** The refusal, with the file that has the name first: that is looked for only now. */
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
      const reason = `One file is named as a folder of another: ${shown(first, true)}, and ${shown(second, true)}.`;
      return refusal(reason, [second, first]);
    }
  }
  return refusal(`${quoted(second)}, of ${shown(second)}, leads through the name of a list of files.`, [second]);
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
    remedy: `Name what differs in the key, such as ${placeholders}, give each output a key of its own, or leave "as" out.`,
  });
}
