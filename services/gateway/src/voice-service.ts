import { fromBinary } from "@bufbuild/protobuf";
import { ListVoicesResponseSchema, VOICES_SUBJECT, type VoiceService } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Broker, NatsConnection } from "@polyreel/platform/stream";
import { refusedRightIn, rightRefused } from "@polyreel/platform/stream";
import type { CallHandlers } from "./call/with-calls.js";

/** Longer than a speech service waits for an engine's voices. */
const TIMEOUT_MS = 20_000;

/** polyreel.v1.VoiceService: asks whichever speech service answers first. */
export function voiceService(connection: NatsConnection, broker: Broker): CallHandlers<typeof VoiceService> {
  return {
    async listVoices() {
      broker.assertThere();
      const answer = await connection.request(VOICES_SUBJECT, undefined, { timeout: TIMEOUT_MS }).catch((error) => {
        const right = refusedRightIn(error);
        if (right) throw rightRefused(right, error);
        throw new PolyreelError(
          "unavailable",
          { reason: "No speech service answers.", remedy: "Start the tts service, and call again." },
          { cause: error },
        );
      });
      return fromBinary(ListVoicesResponseSchema, answer.data);
    },
  };
}
