import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readTags } from "@polyreel/media/join";
import type { ManifestRow } from "@polyreel/spec/rows";
import { MANIFESTS } from "../manifest/names.js";
import { isAbsent } from "./disk.js";
import { isPlainName } from "./plain-name.js";
import { type Owner, stampOf } from "./receipt.js";
import type { Receipts } from "./receipts.js";
import { certifiedHeader } from "./unreceipted.js";

// A release that wrote no receipts left a manifest beside its videos, which states the size and the SHA-256 of the header of each,
// and the batch's name in each header.

/** Stands for the batch in receipts of files that a release without receipts delivered: which one it was is not known. */
export const FORMER_BATCH = "former";

/**
 * Writes receipts for the files of an owner that a release without receipts delivered into a folder, and for the manifest that
 * lists them: as far as they are what it states. Their receipts fix no bytes; the manifest's is the last one, so that a process
 * that dies in between leaves it to be done again.
 */
export async function recogniseFormer(folder: string, owner: Owner, receipts: Receipts): Promise<void> {
  const [manifest] = MANIFESTS;
  if (!(await statsOf(join(folder, manifest)))?.isFile() || (await receipts.of(manifest)).length > 0) return;
  const receive = async (fileName: string) => {
    const stats = isPlainName(fileName) ? await statsOf(join(folder, fileName)) : undefined;
    if (!stats?.isFile() || (await receipts.of(fileName)).length > 0) return;
    const stamp = stampOf(stats);
    await receipts.write(fileName, { ...owner, batchId: FORMER_BATCH, attempt: 0, content: "", ...stamp });
  };
  let found = false;
  for await (const row of rowsOf(join(folder, manifest))) {
    const written = await deliveredAt(folder, row, owner);
    if (written === undefined) continue;
    found = true;
    await receive(row.file);
    for (const picture of row.pictures) {
      // Pictures were delivered before their video.
      const stats = isPlainName(picture) ? await statsOf(join(folder, picture)) : undefined;
      if (stats && stats.mtimeNs <= written) await receive(picture);
    }
  }
  if (found) for (const name of [...MANIFESTS].reverse()) await receive(name);
}

interface FormerRow {
  readonly file: string;
  readonly pictures: readonly string[];
  readonly sizeBytes: number;
  readonly headerSha256: string;
}

/** Rows of delivered videos; whatever else the file holds is passed over. */
async function* rowsOf(manifest: string): AsyncGenerator<FormerRow> {
  const lines = createInterface({ input: createReadStream(manifest), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const { file, pictures, certificate } = parsed(line);
    const { sizeBytes, headerSha256 } = (certificate ?? {}) as Record<string, unknown>;
    if (typeof file !== "string" || typeof sizeBytes !== "number" || typeof headerSha256 !== "string") continue;
    const names = Array.isArray(pictures) ? pictures.filter((name) => typeof name === "string") : [];
    yield { file, pictures: names, sizeBytes, headerSha256 };
  }
}

function parsed(line: string): { readonly [field in keyof ManifestRow]?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** When a row's video was written, in nanoseconds; undefined where it is not there as delivered, or another batch's. */
async function deliveredAt(folder: string, row: FormerRow, { name }: Owner): Promise<bigint | undefined> {
  const path = join(folder, row.file);
  const stats = isPlainName(row.file) ? await statsOf(path) : undefined;
  if (!stats?.isFile()) return undefined;
  const header = await certifiedHeader(path, row).catch(ignoreAbsent);
  return header && (readTags(header).title ?? "") === name ? stats.mtimeNs : undefined;
}

const statsOf = (path: string) => lstat(path, { bigint: true }).catch(ignoreAbsent);

function ignoreAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw error;
}
