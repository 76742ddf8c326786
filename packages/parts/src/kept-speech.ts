import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type KeptSpeech, KeptSpeechSchema, type SpokenWord } from "@polyreel/contract";
import { type BlobStore, keptSpeechKey, keptSpeechUseKey, readBytesIfAny } from "@polyreel/platform/blobs";
import { digestBytes } from "@polyreel/platform/files";

// Speech that cannot be made again: a provider's answer costs, and each is different. It is kept under the hash of the line's
// recipe, apart from the part, which is made of it as often as needed.

type Objects = Pick<BlobStore, "read" | "put" | "head">;

/** The speech kept for a line; undefined if there is none, or it is damaged. */
export async function readKeptSpeech(
  store: Pick<Objects, "read">,
  hash: string,
  signal?: AbortSignal,
): Promise<KeptSpeech | undefined> {
  const bytes = await readBytesIfAny(store, keptSpeechKey(hash), { signal });
  try {
    const kept = bytes && fromBinary(KeptSpeechSchema, bytes);
    return kept && digestBytes(kept.audio).sha256 === kept.audioSha256 ? kept : undefined;
  } catch {
    return undefined;
  }
}

export const hasKeptSpeech = async (
  store: Pick<Objects, "head">,
  hash: string,
  signal?: AbortSignal,
): Promise<boolean> => (await store.head(keptSpeechKey(hash), { signal })) !== undefined;

/** Keeps the speech of a line; the first to arrive stays. Not to be cancelled: it is paid for. */
export async function keepSpeech(
  store: Pick<Objects, "put" | "read">,
  hash: string,
  { audio, words }: { readonly audio: Uint8Array; readonly words: readonly SpokenWord[] },
): Promise<void> {
  const kept = create(KeptSpeechSchema, { audio, words: [...words], audioSha256: digestBytes(audio).sha256 });
  const bytes = toBinary(KeptSpeechSchema, kept);
  if (await store.put(keptSpeechKey(hash), bytes, { ifAbsent: true })) return;
  if (!(await readKeptSpeech(store, hash))) await store.put(keptSpeechKey(hash), bytes); // A damaged one.
}

/** Records that a line's speech was used until now, if it is kept: by a batch that is deleted. */
export async function recordSpeechUse(store: Objects, hash: string, signal: AbortSignal): Promise<void> {
  if (!(await hasKeptSpeech(store, hash, signal))) return;
  await store.put(keptSpeechUseKey(hash), Buffer.from(new Date().toISOString()), { signal });
}
