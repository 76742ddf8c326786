import { FailureCode } from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { type OpenObject, S3Refusal } from "@polyreel/platform/s3";
import { shownUrl } from "@polyreel/platform/web";
import { tooLarge } from "../answer.js";
import { TryAgain } from "../try-again.js";
import type { TenantBuckets } from "./source-buckets.js";

/**
 * Opens an object of at most `maxBytes` in a bucket that its tenant may name. Throws TryAgain or PolyreelError `invalid`, as
 * reading its bytes does.
 */
export async function objectAnswer(
  address: string,
  { buckets, maxBytes, signal }: { buckets: TenantBuckets; maxBytes: number; signal: AbortSignal },
): Promise<OpenObject> {
  const shown = shownUrl(address);
  const object = await buckets.open(address, signal).catch((error: unknown) => {
    throw objectFault(error, shown);
  });
  if (!object) {
    throw sourceError({
      reason: `${shown} does not exist.`,
      remedy: "Check the key: case matters, and it is taken as it is, not decoded.",
    });
  }
  if (object.sizeBytes > maxBytes) {
    object[Symbol.dispose]();
    throw tooLarge(shown, maxBytes, object.sizeBytes);
  }
  return {
    ...object,
    async *bytes() {
      try {
        yield* object.bytes();
      } catch (error) {
        throw objectFault(error, shown);
      }
    },
  };
}

/** What a server refuses for the keys, the bucket or the object is final, as 403 and 404 of a web server are. */
function objectFault(error: unknown, shown: string): unknown {
  if (!(error instanceof PolyreelError)) return error;
  const { code, cause } = error;
  const { reason, remedy } = error.failure;
  if (code === "invalid") return error;
  if (cause instanceof S3Refusal && cause.s3Code === "InvalidObjectState") {
    const archived = { reason: `${shown} is archived.`, remedy: "Restore the object, then submit again." };
    return sourceError(archived, { cause });
  }
  if (code !== "unavailable" || (cause instanceof S3Refusal && isFinal(cause.status))) {
    return new PolyreelError("invalid", { code: FailureCode.SOURCE_UNAVAILABLE, reason, remedy }, { cause });
  }
  return new TryAgain(reason, remedy, undefined, { cause: error });
}

const isFinal = (status: number): boolean => status < 500 && status !== 408 && status !== 429;
