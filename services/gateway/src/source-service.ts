import type { ServiceImpl } from "@connectrpc/connect";
import { DEFAULT_TENANT, type PutSourceRequest, type SourceDescription, type SourceService } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import { type Store, sourceKey } from "@polyreel/platform/store/store.js";

/** polyreel.v1.SourceService: puts files into the store, in bounded memory, whole or not at all. */
export function sourceService(store: Store, limits: { maxSourceBytes: number }): ServiceImpl<typeof SourceService> {
  return {
    async putSource(requests, { signal }) {
      const messages = requests[Symbol.asyncIterator]();
      const first = await messages.next();
      if (first.done || first.value.part.case !== "description")
        throw outOfOrder("The first message is no description.");
      const description = first.value.part.value;
      const { sha256 } = description;
      const maxBytes = allowedBytes(description, limits.maxSourceBytes);
      const key = sourceKey(sha256);
      const sources = scopedStore(store, description.tenant || DEFAULT_TENANT);
      if (await sources.stat(key)) return { sha256, known: true };
      await sources.writeStream(key, chunks(messages), { sha256, maxBytes, signal });
      return { sha256, known: false };
    },
  };
}

/** As many bytes as the description says, where it says so; never more than the limit. */
function allowedBytes({ sizeBytes }: SourceDescription, maxSourceBytes: number): number {
  if (sizeBytes <= BigInt(maxSourceBytes)) return sizeBytes > 0n ? Number(sizeBytes) : maxSourceBytes;
  throw new PolyreelError("exhausted", {
    field: "description.size_bytes",
    reason: `The file has ${sizeBytes.toLocaleString("en-US")} bytes; the limit is ${maxSourceBytes.toLocaleString("en-US")}.`,
    remedy: "Give a smaller file, or raise GATEWAY_MAX_SOURCE_BYTES.",
  });
}

async function* chunks(messages: AsyncIterator<PutSourceRequest>): AsyncGenerator<Uint8Array> {
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    if (next.value.part.case !== "chunk") throw outOfOrder("A second description came where a chunk was expected.");
    yield next.value.part.value;
  }
}

const outOfOrder = (reason: string) =>
  new PolyreelError("invalid", { field: "part", reason, remedy: "Send the description first, then the file's bytes." });
