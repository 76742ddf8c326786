import { type Destination, folderRequest } from "@polyreel/contract";
import { errorCodeOf, PolyreelError, toPolyreelError } from "@polyreel/platform";
import { type EventStream, sendRequest } from "@polyreel/platform/stream";
import { parsePlaced } from "@polyreel/spec";

const TIMEOUT_MS = 5_000;

interface Redelivery {
  readonly batchId: string;
  readonly tenant: string;
  readonly name: string;
  /** As in `Target.folder`. */
  readonly folder: string;
  readonly destination: Destination | undefined;
}

/**
 * Throws an uploader's refusal of a configured destination, before a run into it begins. If no uploader answers, each
 * delivery is checked when an uploader handles it.
 */
export async function assertDestination(
  { stream }: { readonly stream: EventStream },
  { destination, ...about }: Redelivery,
  signal: AbortSignal,
): Promise<void> {
  if (parsePlaced(about.folder).destination === "") return;
  const kind = destination?.kind.case ?? "folder";
  const request = { ...about, type: kind === "s3" || kind === "drive" ? kind : "" };
  const answer = await sendRequest(stream, folderRequest, request, { timeoutMs: TIMEOUT_MS, signal }).catch(
    (error: unknown) => {
      if (toPolyreelError(error).code !== "unavailable") throw error;
      return undefined;
    },
  );
  const refusal = answer?.refusal;
  if (!refusal) return;
  const field = [`destination.${kind}`, refusal.field].filter(Boolean).join(".");
  throw new PolyreelError(errorCodeOf(refusal), { ...refusal, field });
}
