import { createHash } from "node:crypto";
import type { Certificate, Combination, CombinationRendered, PartIndex } from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "@polyreel/platform/errors.js";
import { outputBytesKey, type Store } from "@polyreel/platform/store/store.js";
import type { PartStore } from "../parts/part-store.js";
import { type Layout, layOut } from "./layout.js";
import type { ClipPart, SoundPart } from "./parts.js";
import { tagsOf } from "./tags.js";

/** The file of a rendered output. */
export interface RenderedLayout {
  readonly layout: Layout;
  /** SHA-256 of the literal bytes, and of the payload of each part, in order: together they fix every byte. */
  readonly hashes: readonly string[];
}

/** A tenant's store, and its parts. */
interface Stores {
  readonly store: Store;
  readonly parts: PartStore;
}

/**
 * Lays a rendered output out again: a join from the indexes of its parts, which costs less than carrying it; any other from its
 * bytes in the store. Throws PolyreelError `unavailable`, and no outage, where a part or the bytes are gone, `internal` where it
 * is not what was certified.
 */
export async function layOutRendered(
  { batchId, combination, certificate }: CombinationRendered,
  { store, parts }: Stores,
): Promise<RenderedLayout> {
  if (!combination || !certificate) {
    throw new PolyreelError("internal", "A rendered combination lacks its certificate.");
  }
  if (certificate.operation.case === undefined) return layOutJoin(combination, certificate, parts);
  const { sha256 } = certificate.operation.value;
  const header = await readBytes(store, outputBytesKey(batchId, sha256));
  verify(header, sha256, header.length, certificate);
  return { layout: { header, segments: [], sizeBytes: header.length }, hashes: [sha256] };
}

async function layOutJoin(
  combination: Combination,
  certificate: Certificate,
  parts: PartStore,
): Promise<RenderedLayout> {
  const payloads: string[] = [];
  const indexOf = async <K extends "clip" | "sound">(kind: K, hash: string) => {
    const index = (await parts.index(kind, hash)) ?? lost(kind === "clip" ? "clip" : "soundtrack");
    payloads.push(index.payloadSha256);
    return index.kind.value as Extract<PartIndex["kind"], { case: K }>["value"];
  };
  const clips: ClipPart[] = [];
  for (const { hash } of combination.clips) clips.push({ hash, index: await indexOf("clip", hash) });
  const { soundHash: hash } = combination;
  const sound: SoundPart | undefined = hash ? { hash, index: await indexOf("sound", hash) } : undefined;
  const layout = layOut(clips, sound, tagsOf(combination));
  verify(layout.header, certificate.headerSha256, layout.sizeBytes, certificate);
  return { layout, hashes: [certificate.headerSha256, ...payloads] };
}

async function readBytes(store: Store, key: string): Promise<Buffer> {
  try {
    return await store.read(key);
  } catch (error) {
    if (toPolyreelError(error).code !== "not_found") throw error;
    return lost("picture");
  }
}

function lost(what: string): never {
  const reason = `A ${what} of this output is no longer in the store.`;
  const remedy = "Replay the batch: what is missing is made again.";
  throw new PolyreelError("unavailable", { reason, remedy }, { outage: false });
}

function verify(literal: Buffer, sha256: string, sizeBytes: number, certificate: Certificate): void {
  if (createHash("sha256").update(literal).digest("hex") === sha256 && BigInt(sizeBytes) === certificate.sizeBytes)
    return;
  throw new PolyreelError("internal", {
    reason: "The output is not the one that was certified, and was not delivered.",
    remedy: "Let all services run the same release, and replay the batch: its outputs are certified anew.",
  });
}
