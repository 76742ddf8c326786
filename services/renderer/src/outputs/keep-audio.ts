import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema } from "@polyreel/contract";
import type { MadeAudio } from "@polyreel/media/operations";
import { outputBytesKey, type Store } from "@polyreel/platform/blobs";
import { digestFile } from "@polyreel/platform/files";

/**
 * Moves the file of an input's audio, which may be too large for memory, to a tenant's store under the batch; certifies
 * it.
 */
export async function keepAudio(
  { payloadPath, audioSeconds, copied, sampleRate, channels }: MadeAudio,
  batchId: string,
  store: Store,
  signal: AbortSignal,
): Promise<Certificate> {
  const { sha256, sizeBytes } = await digestFile(payloadPath, signal);
  // Replaces an existing file: it may be damaged, and this is the rebuild.
  await store.put(outputBytesKey(batchId, sha256), { path: payloadPath, move: true }, { signal });
  return create(CertificateSchema, {
    sizeBytes: BigInt(sizeBytes),
    operation: { case: "inputAudio", value: { sha256, audioSeconds, copied, sampleRate, channels } },
  });
}
