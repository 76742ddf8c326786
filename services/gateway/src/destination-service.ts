import { type DestinationService, destinationsRequest } from "@polyreel/contract";
import { type EventStream, sendRequest } from "@polyreel/platform/stream";
import { tenantFor } from "./call/call.js";
import type { CallHandlers } from "./call/with-calls.js";

/** Longer than an uploader waits for a destination. */
const TIMEOUT_MS = 10_000;

/** polyreel.v1.DestinationService: asks whichever uploader answers first; only uploaders know the destinations. */
export function destinationService(stream: EventStream): CallHandlers<typeof DestinationService> {
  return {
    listDestinations: (request, { scope, signal }) => {
      const tenant = tenantFor(scope, request.tenant, "tenant");
      return sendRequest(stream, destinationsRequest, { tenant }, { timeoutMs: TIMEOUT_MS, signal });
    },
  };
}
