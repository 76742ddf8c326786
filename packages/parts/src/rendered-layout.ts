import { type Certificate, type CombinationRendered, certificateOf, renderedPlan } from "@polyreel/contract";
import { type Layout, literalsSha256, lostOutput, tagsOf } from "@polyreel/media/join";
import { layOutAudio, layOutSubtitles } from "@polyreel/media/operations";
import { layOutTracks } from "@polyreel/media/rendition";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { outputBytesKey, readBytes, type Store } from "@polyreel/platform/blobs";
import { digestFile } from "@polyreel/platform/files";
import { type FileKind, type JoinedKind, type PartRef, partOfOutput } from "./kinds/media-ref.js";
import { labelOf } from "./kinds/part-kinds.js";
import { indexValue } from "./kinds/read-index.js";
import { type IndexSource, layOutJoin } from "./lay-out-join.js";
import type { PartStore } from "./part-store.js";
import { readTracks } from "./read-tracks.js";

/** The file of a rendered output. */
export interface RenderedLayout {
  readonly layout: Layout;
  /** SHA-256 of the literal bytes, and of the payload of each part, in order: together they determine every byte. */
  readonly hashes: readonly string[];
}

/** A tenant's store, and its parts. */
interface Stores {
  readonly store: Store;
  readonly parts: PartStore;
}

/**
 * Lays a rendered output out again, which is cheaper than sending its layout: a join or a soundtrack from the indexes of
 * its parts, subtitles from their plan, a picture or an input's sound from its bytes in the store. Throws PolyreelError
 * `unavailable` without `outage` if a part or the bytes are missing, `internal` if it differs from what was certified.
 */
export async function layOutRendered(rendered: CombinationRendered, stores: Stores): Promise<RenderedLayout> {
  const { batchId, combination } = rendered;
  if (!combination || !rendered.certificate) {
    throw new PolyreelError("internal", "A rendered combination has no certificate.");
  }
  const certificate = certificateOf(rendered.certificate);
  const { operation } = certificate;
  if (operation.case === "picture") {
    const { sha256 } = operation.value;
    const header = await readBytes(stores.store, outputBytesKey(batchId, sha256)).catch(isLost("picture"));
    return certified({ header, segments: [], sizeBytes: header.length }, sha256, certificate);
  }
  if (operation.case === "inputAudio") return layOutFile(batchId, operation.value.sha256, certificate, stores.store);
  if (operation.case === "subtitles") {
    const plan = renderedPlan(rendered).operation;
    if (plan.case !== "subtitles") throw new PolyreelError("internal", "Rendered subtitles lack their plan.");
    return certified(layOutSubtitles(plan.value).layout, operation.value.sha256, certificate);
  }
  const parts = new IndexReader(stores.parts);
  if (operation.case === "rendition" && operation.value.literalsSha256) {
    const plan = renderedPlan(rendered).operation;
    if (plan.case !== "rendition" || !plan.value.joined)
      throw new PolyreelError("internal", "A joined file lacks its plan.");
    const layout = layOutTracks(await readTracks(plan.value.joined, parts));
    return certified(layout, operation.value.literalsSha256, certificate, parts.payloads);
  }
  if (operation.case === "image" || operation.case === "rendition") {
    return layOutPart(partOfOutput(renderedPlan(rendered)), operation.value.sha256, certificate, stores.parts);
  }
  if (operation.case === "audio") {
    const { soundHash: hash } = combination;
    const { layout } = layOutAudio({ hash, index: await parts.sound(hash) }, tagsOf(combination));
    return certified(layout, operation.value.headerSha256, certificate, parts.payloads);
  }
  const { layout } = await layOutJoin(combination, renderedPlan(rendered).subtitleTracks, parts);
  return certified(layout, operation.value.headerSha256, certificate, parts.payloads);
}

/** Reads the indexes of parts, and records the hashes of their payloads. */
class IndexReader implements IndexSource {
  readonly payloads: string[] = [];

  constructor(private readonly parts: PartStore) {}

  clip = (hash: string) => this.#index("clip", hash);

  sound = (hash: string) => this.#index("sound", hash);

  rendition = (hash: string) => this.#index("rendition", hash);

  async #index<K extends JoinedKind | "rendition">(kind: K, hash: string) {
    const index = await this.parts.index(kind, hash);
    const described = indexValue(kind, index);
    if (!index || !described) return lostOutput(labelOf(kind));
    this.payloads.push(index.payloadSha256);
    return described;
  }
}

/** An output that is a part. If the part was made again since, with other bytes, the certified one is lost. */
async function layOutPart(
  part: PartRef<FileKind> | undefined,
  sha256: string,
  { sizeBytes }: Certificate,
  parts: PartStore,
): Promise<RenderedLayout> {
  if (!part) throw new PolyreelError("internal", "A rendered file lacks its plan.");
  const { kind, hash } = part;
  const index = await parts.index(kind, hash);
  if (index?.payloadSha256 !== sha256) return lostOutput(labelOf(kind));
  if (index.payloadBytes !== sizeBytes) throw notCertified();
  const end = Number(sizeBytes);
  const layout = { header: Buffer.alloc(0), segments: [{ kind, hash, start: 0, end }], sizeBytes: end };
  return { layout, hashes: [sha256] };
}

/** The sound of an input: a file of the store, which may be too large for memory. */
async function layOutFile(
  batchId: string,
  sha256: string,
  certificate: Certificate,
  store: Store,
): Promise<RenderedLayout> {
  const key = outputBytesKey(batchId, sha256);
  await using file = await store.files.open(key).catch(isLost("sound"));
  const digest = await digestFile(file.path);
  if (digest.sha256 !== sha256 || BigInt(digest.sizeBytes) !== certificate.sizeBytes) throw notCertified();
  const { sizeBytes } = digest;
  const segment = { kind: "file" as const, hash: sha256, key, start: 0, end: sizeBytes };
  return { layout: { header: Buffer.alloc(0), segments: [segment], sizeBytes }, hashes: [sha256] };
}

/** For `catch`: reports a missing object as lost. */
const isLost =
  (what: string) =>
  (error: unknown): never => {
    if (toPolyreelError(error).code !== "not_found") throw error;
    return lostOutput(what);
  };

/** Returns the layout if its literal bytes and its size are as certified; throws otherwise. */
function certified(
  layout: Layout,
  sha256: string,
  { sizeBytes }: Certificate,
  payloads: readonly string[] = [],
): RenderedLayout {
  const literal = literalsSha256(layout);
  if (literal === sha256 && BigInt(layout.sizeBytes) === sizeBytes) return { layout, hashes: [sha256, ...payloads] };
  throw notCertified();
}

const notCertified = (): PolyreelError =>
  new PolyreelError("internal", {
    reason: "The output is not the one that was certified, and was not delivered.",
    remedy: "Let all services run the same release, and replay the batch: its outputs are certified again.",
  });
