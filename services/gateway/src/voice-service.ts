import { type VoiceService, voicesRequest } from "@polyreel/contract";
import { type EventStream, sendRequest } from "@polyreel/platform/stream";
import type { CallHandlers } from "./call/with-calls.js";

/** Longer than a speech service waits for an engine's voices. */
const TIMEOUT_MS = 20_000;

/** polyreel.v1.VoiceService: asks whichever speech service answers first. */
export function voiceService(stream: EventStream): CallHandlers<typeof VoiceService> {
  return {
    listVoices: (request, { signal }) => sendRequest(stream, voicesRequest, request, { timeoutMs: TIMEOUT_MS, signal }),
  };
}
