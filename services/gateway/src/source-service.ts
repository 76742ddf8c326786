import type { PutSourceRequest, SourceDescription, SourceService } from "@polyreel/contract";
import { Sources, warnRemoved } from "@polyreel/parts/sources";
import { PolyreelError } from "@polyreel/platform";
import { type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { tenantFor } from "./call/call.js";
import type { CallHandlers } from "./call/with-calls.js";

interface Deps {
  readonly store: Store;
  readonly log: Log;
}

interface Limits {
  readonly maxSourceBytes: number;
}

/** polyreel.v1.SourceService: stores files in bounded memory, completely or not at all. */
export function sourceService({ store, log }: Deps, limits: Limits): CallHandlers<typeof SourceService> {
  return {
    async putSource(requests, { scope, signal }) {
      const messages = requests[Symbol.asyncIterator]();
      const first = await messages.next();
      if (first.done || first.value.part.case !== "description")
        throw outOfOrder("The first message is no description.");
      const description = first.value.part.value;
      const { sha256 } = description;
      if (description.sizeBytes > BigInt(limits.maxSourceBytes)) throw tooLarge(description.sizeBytes, limits);
      const key = sourceKey(sha256);
      const tenantStore = scopedStore(store, tenantFor(scope, description.tenant, "description.tenant"));
      const sources = new Sources(tenantStore, warnRemoved(log));
      if (await sources.has(sha256, signal)) {
        await assertAnnounced(description, tenantStore);
        return { sha256, known: true };
      }
      await tenantStore.put(key, chunks(messages, description, limits), { sha256, signal });
      await sources.wasWritten(sha256);
      return { sha256, known: false };
    },
  };
}

/** A hash determines the file's size. */
async function assertAnnounced({ sha256, sizeBytes: announced }: SourceDescription, store: Store): Promise<void> {
  const known = await store.head(sourceKey(sha256));
  if (announced === 0n || !known || BigInt(known.sizeBytes) === announced) return;
  throw wrongSize(
    `The file of this hash has ${grouped(known.sizeBytes)} bytes, not the ${grouped(announced)} announced.`,
  );
}

/** The file's bytes: exactly as many as announced, at least one, at most the limit. Throws PolyreelError. */
async function* chunks(
  messages: AsyncIterator<PutSourceRequest>,
  { sizeBytes: announced }: SourceDescription,
  limits: Limits,
): AsyncGenerator<Uint8Array> {
  let received = 0n;
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    if (next.value.part.case !== "chunk") throw outOfOrder("A second description came where a chunk was expected.");
    received += BigInt(next.value.part.value.byteLength);
    if (announced > 0n && received > announced) {
      throw wrongSize(`More bytes were sent than the ${grouped(announced)} that the description announces.`);
    }
    if (received > BigInt(limits.maxSourceBytes)) throw tooLarge(received, limits);
    yield next.value.part.value;
  }
  if (received < announced) {
    throw wrongSize(`The file ended after ${grouped(received)} of the ${grouped(announced)} bytes announced.`);
  }
  if (received === 0n) throw wrongSize("The file is empty.");
}

const grouped = (bytes: number | bigint): string => bytes.toLocaleString("en-US");

const tooLarge = (bytes: bigint, { maxSourceBytes }: Limits): PolyreelError =>
  new PolyreelError("exhausted", {
    field: "description.size_bytes",
    reason: `The file has ${grouped(bytes)} bytes or more; the limit is ${grouped(maxSourceBytes)}.`,
    remedy: "Give a smaller file, or raise GATEWAY_MAX_SOURCE_BYTES.",
  });

const wrongSize = (reason: string): PolyreelError =>
  new PolyreelError("invalid", {
    field: "description.size_bytes",
    reason,
    remedy: "Send the whole file with its size, and leave it unchanged meanwhile.",
  });

const outOfOrder = (reason: string) =>
  new PolyreelError("invalid", { field: "part", reason, remedy: "Send the description first, then the file's bytes." });
