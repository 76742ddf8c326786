import { type VoiceService, voicesRequest } from "@polyreel/contract";
import { type EventStream, sendRequest } from "@polyreel/platform/stream";
import { tenantFor } from "./call/call.js";
import type { CallHandlers } from "./call/with-calls.js";

/** Longer than a speech service waits for an engine's voices. */
const TIMEOUT_MS = 20_000;

/** polyreel.v1.VoiceService: asks whichever speech service answers first. */
export function voiceService(stream: EventStream): CallHandlers<typeof VoiceService> {
  return {
    listVoices: (request, { scope, signal }) => {
      const tenant = tenantFor(scope, request.tenant, "tenant");
      return sendRequest(stream, voicesRequest, { ...request, tenant }, { timeoutMs: TIMEOUT_MS, signal });
    },
  };
}
