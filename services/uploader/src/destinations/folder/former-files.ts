import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readTags } from "@polyreel/media/join";
import { undefinedIfAbsent } from "@polyreel/platform/files";
import type { ManifestRow } from "@polyreel/spec/rows";
import { MANIFESTS } from "../../manifest/names.js";
import { isPlainName } from "../plain-name.js";
import { type Owner, stampOf } from "../receipt.js";
import type { Receipts } from "./receipts.js";
import { certifiedHeader } from "./unreceipted.js";

// A release without receipts left a manifest beside its videos, with the size and the header's SHA-256 of each, and the
// batch's name in each header.

/** The batch id in receipts of files that a release without receipts delivered: the real one is unknown. */
export const FORMER_BATCH = "former";

/**
 * Writes receipts for an owner's files that a release without receipts delivered into a folder, if they match its
 * manifest, and for the manifest. These receipts have no content hash. The manifest's receipt is the last one, so that
 * this is repeated after a crash.
 */
export async function recogniseFormer(folder: string, owner: Owner, receipts: Receipts): Promise<void> {
  const [manifest] = MANIFESTS;
  if (!(await statsOf(join(folder, manifest)))?.isFile() || (await receipts.of(manifest)).length > 0) return;
  const writeReceipt = async (fileName: string) => {
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
    await writeReceipt(row.file);
    for (const picture of row.pictures) {
      // Pictures were delivered before their video.
      const stats = isPlainName(picture) ? await statsOf(join(folder, picture)) : undefined;
      if (stats && stats.mtimeNs <= written) await writeReceipt(picture);
    }
  }
  if (found) for (const name of [...MANIFESTS].reverse()) await writeReceipt(name);
}

interface FormerRow {
  readonly file: string;
  readonly pictures: readonly string[];
  readonly sizeBytes: number;
  readonly headerSha256: string;
}

/** Rows of delivered videos; skips everything else in the file. */
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

/** The modification time of a row's video in nanoseconds; undefined if it is missing, changed, or another batch's. */
async function deliveredAt(folder: string, row: FormerRow, { name }: Owner): Promise<bigint | undefined> {
  const path = join(folder, row.file);
  const stats = isPlainName(row.file) ? await statsOf(path) : undefined;
  if (!stats?.isFile()) return undefined;
  const header = await certifiedHeader(path, row).catch(undefinedIfAbsent);
  return header && (readTags(header).title ?? "") === name ? stats.mtimeNs : undefined;
}

const statsOf = (path: string) => lstat(path, { bigint: true }).catch(undefinedIfAbsent);
