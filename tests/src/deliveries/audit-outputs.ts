import { createHash } from "node:crypto";
import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { joinOf } from "@polyreel/contract";
import { decodedFrameCount } from "@polyreel/media/testing";
import type { Random } from "../property/random.js";
import type { DeliveredFact } from "./recount.js";

/** Random sample of files that are decoded, and compared with the gateway's response. */
const SAMPLED = 12;
const LISTS = ["manifest.csv", "manifest.jsonl"];
const RECEIPTS = ".polyreel";

/** Faulty files, and files without a delivery, each with a description of its problem. */
export interface OutputsAudit {
  readonly files: number;
  readonly wrong: number;
  readonly stray: number;
  readonly problems: readonly string[];
}

interface Audited {
  /** Folder of all outputs. */
  readonly out: string;
  readonly batchId: string;
  readonly folders: readonly string[];
  /** What a gateway serves at a path, generated from the parts. */
  readonly served: (urlPath: string) => Promise<Buffer>;
}

/**
 * Checks that the folders of a batch contain exactly what its facts report as delivered: each file has the bytes fixed
 * by its certificate and one matching receipt, copies in several folders are identical, a sample decodes, the manifest
 * lists them all. Nothing else may be there.
 */
export async function auditOutputs(
  { out, batchId, folders, served }: Audited,
  delivered: readonly DeliveredFact[],
  random: Random,
): Promise<OutputsAudit> {
  const wrong: string[] = [];
  const stray: string[] = [];
  const facts = new Map(delivered.map((fact) => [fact.path, fact]));
  /** Expected content of all copies of a file: by the combination and the name, which has its output's suffix. */
  const copies = new Map<string, string>();
  const receipts = new Map<string, Receipts>();
  for (const folder of folders) receipts.set(folder, await receiptsIn(join(out, folder)));
  for (const [path, fact] of facts) {
    const receipt = receipts.get(dirname(path))?.of(basename(path)) ?? [];
    const found = await checkFile(join(out, path), fact, receipt, batchId);
    wrong.push(...found.problems.map((problem) => `${path} ${problem}`));
    const copy = `${fact.combinationId} ${basename(path)}`;
    if ((copies.get(copy) ?? found.identity) !== found.identity) wrong.push(`${path} differs from its other copy.`);
    copies.set(copy, found.identity);
  }
  for (const fact of random.shuffled(delivered).slice(0, SAMPLED)) {
    const written = await readFile(join(out, fact.path)).catch(() => undefined);
    if (!written?.equals(await served(fact.urlPath))) wrong.push(`${fact.path} is not what is served.`);
    const frames = fact.certificate?.operation.case === "picture" ? 1 : Number(joinOf(fact.certificate)?.frames ?? 0);
    const shown = await decodedFrameCount(join(out, fact.path)).catch(() => 0);
    if (shown !== frames) wrong.push(`${fact.path} shows ${shown} frames, not ${frames}.`);
  }
  for (const folder of folders) {
    const names = await readdir(join(out, folder)).catch((): string[] => []);
    const isExpected = (name: string) => name === RECEIPTS || LISTS.includes(name) || facts.has(join(folder, name));
    for (const name of names) if (!isExpected(name)) stray.push(`${join(folder, name)} was never delivered.`);
    for (const name of receipts.get(folder)?.names ?? []) {
      if (!LISTS.includes(name) && !facts.has(join(folder, name))) stray.push(`${folder} has a receipt of ${name}.`);
    }
    wrong.push(...(await checkManifest(join(out, folder), folder, delivered)));
  }
  const others = (await readdir(out)).filter((name) => !folders.includes(name));
  stray.push(...others.map((name) => `${name} lies beside the folders.`));
  return { files: facts.size, wrong: wrong.length, stray: stray.length, problems: [...wrong, ...stray] };
}

interface Receipt {
  readonly batchId: string;
  readonly attempt: number;
  readonly content: string;
  readonly sizeBytes: number;
  readonly modifiedNs: string;
}

interface Receipts {
  readonly names: ReadonlySet<string>;
  of(name: string): readonly Receipt[];
}

/** All receipts in a folder, of any batch. */
async function receiptsIn(folder: string): Promise<Receipts> {
  const byName = new Map<string, Receipt[]>();
  for (const owner of await readdir(join(folder, RECEIPTS)).catch((): string[] => [])) {
    for (const name of await readdir(join(folder, RECEIPTS, owner))) {
      const receipt = JSON.parse(await readFile(join(folder, RECEIPTS, owner, name), "utf8")) as Receipt;
      byName.set(name, [...(byName.get(name) ?? []), receipt]);
    }
  }
  return { names: new Set(byName.keys()), of: (name) => byName.get(name) ?? [] };
}

/** Problems of a file, and what its copies elsewhere must share: its bytes, and its receipt's description of them. */
async function checkFile(path: string, { certificate }: DeliveredFact, receipts: readonly Receipt[], batchId: string) {
  const problems: string[] = [];
  const bytes = await readFile(path).catch(() => undefined);
  const [receipt, ...more] = receipts;
  if (!receipt || more.length > 0) problems.push(`has ${receipts.length} receipts.`);
  if (!bytes) return { problems: [...problems, "is not there."], identity: "" };
  const sha256 = sha256Of(bytes);
  if (bytes.length !== Number(certificate?.sizeBytes)) {
    problems.push(`has ${bytes.length} bytes, not ${certificate?.sizeBytes}.`);
  }
  const picture = certificate?.operation.case === "picture" ? certificate.operation.value.sha256 : undefined;
  if (picture !== undefined && picture !== sha256) problems.push("is not the picture that was certified.");
  if (picture === undefined && sha256Of(headerOf(bytes)) !== joinOf(certificate)?.headerSha256) {
    problems.push("has not the header that was certified.");
  }
  if (receipt) {
    const { size, mtimeNs } = await lstat(path, { bigint: true });
    if (receipt.batchId !== batchId) problems.push(`has a receipt of batch ${receipt.batchId}.`);
    if (receipt.attempt !== 1) problems.push(`has a receipt of attempt ${receipt.attempt}.`);
    if (BigInt(receipt.sizeBytes) !== size || receipt.modifiedNs !== String(mtimeNs)) {
      problems.push("is not the file that its receipt is of.");
    }
    // All bytes of a picture are literal, so its receipt contains their hash.
    if (picture !== undefined && receipt.content !== sha256) problems.push("has a receipt of other bytes.");
  }
  return { problems, identity: `${sha256} ${receipt?.content}` };
}

/** Checks that the manifest lists every delivery into the folder, by its file, and no other. */
async function checkManifest(path: string, folder: string, delivered: readonly DeliveredFact[]): Promise<string[]> {
  const text = await readFile(join(path, "manifest.jsonl"), "utf8").catch(() => "");
  const rows = text
    .split("\n")
    .flatMap((line) => (line ? [JSON.parse(line) as { status: string; file?: string }] : []));
  const listed = rows.filter(({ status }) => status === "delivered").map(({ file }) => file ?? "");
  // For a delivery with several facts one row is correct.
  const files = new Set(delivered.flatMap(({ path: one }) => (dirname(one) === folder ? basename(one) : [])));
  const isSame = rows.length === files.size && listed.length === files.size && listed.every((name) => files.has(name));
  return isSame ? [] : [`The manifest of ${folder} has ${listed.length} of ${files.size} files.`];
}

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** An MP4's bytes before its media data: all boxes up to the header of `mdat` (ISO/IEC 14496-12, 4.2). */
function headerOf(bytes: Buffer): Buffer {
  for (let at = 0; at + 16 <= bytes.length; ) {
    const short = bytes.readUInt32BE(at);
    const size = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    if (bytes.toString("latin1", at + 4, at + 8) === "mdat") return bytes.subarray(0, at + (short === 1 ? 16 : 8));
    if (size < 8) break;
    at += size;
  }
  return bytes;
}
