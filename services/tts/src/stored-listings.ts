import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ListVoicesResponseSchema } from "@polyreel/contract";
import { type BlobStore, readBytesIfAny, voiceListingKey } from "@polyreel/platform/blobs";
import type { ListingMemory } from "./engines/engine-voices.js";

/** The voices that providers listed last, in the store: names and ids, nothing secret. Written only where they changed. */
export function storedListings(store: BlobStore): ListingMemory {
  const written = new Map<string, Buffer>();
  return {
    async read(engine, signal) {
      const bytes = await readBytesIfAny(store, voiceListingKey(engine), { signal });
      return bytes && fromBinary(ListVoicesResponseSchema, bytes).voices;
    },
    async write(engine, voices, signal) {
      const bytes = Buffer.from(
        toBinary(ListVoicesResponseSchema, create(ListVoicesResponseSchema, { voices: [...voices] })),
      );
      if (written.get(engine)?.equals(bytes)) return;
      await store.put(voiceListingKey(engine), bytes, { signal });
      written.set(engine, bytes);
    },
  };
}
