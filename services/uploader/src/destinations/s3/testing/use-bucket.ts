import { createHash, randomUUID } from "node:crypto";
import { givenKeys } from "@polyreel/platform/s3";
import { openTestBucket, type SeaweedInUse, type TestBucket } from "@polyreel/platform/testing";
import { beforeEach } from "vitest";
import type { Place } from "../../destination.js";
import { pieceSource, type Source } from "../../source.js";
import { S3Destination, type S3DestinationOptions } from "../s3-destination.js";

/** The least that S3 takes for a part that is not the last. */
export const PART_BYTES = 5 << 20;
export const spring = { tenant: "default", name: "spring" };
export const never: { readonly signal: AbortSignal } = { signal: new AbortController().signal };

export const place = (other: Partial<Place> = {}): Place => ({
  ...{ batchId: "b1", attempt: 1, owner: spring, overwrite: false, folder: "sale", fileName: "a.mp4" },
  ...other,
});

/** Like outputs, of known content and size. */
export const outputOf = (bytes: Uint8Array): Source => ({
  ...pieceSource(() => chunksOf(bytes), "video/mp4"),
  sizeBytes: bytes.length,
  content: createHash("sha256").update("layout").update(bytes).digest("hex"),
});

export function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
}

/** For each test of a file a prefix in a bucket with versions, and destinations there, behind the proxy. */
export function useBucket(seaweed: SeaweedInUse) {
  let prefix = "";
  let bucket: TestBucket | undefined;
  beforeEach(async () => {
    prefix = `campaigns/${randomUUID()}`;
    bucket = await openTestBucket(seaweed.server, { bucket: "ads", prefix, versioned: true });
  });
  return {
    get prefix(): string {
      return prefix;
    },
    /** As a person sees the prefix. */
    get bucket(): TestBucket {
      if (!bucket) throw new Error("The bucket is opened for each test.");
      return bucket;
    },
    open: (other: Partial<S3DestinationOptions> = {}): S3Destination =>
      new S3Destination({
        name: "ads",
        address: `s3://ads/${prefix}?endpoint=${seaweed.proxy.endpoint}`,
        keys: givenKeys(seaweed.server.keys),
        firstDelayMs: 5,
        partBytes: PART_BYTES,
        ...other,
      }),
  };
}
