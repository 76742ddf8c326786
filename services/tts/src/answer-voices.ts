import { toBinary } from "@bufbuild/protobuf";
import type { Msg } from "@nats-io/transport-node";
import { ListVoicesResponseSchema, VOICES_SUBJECT } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import type { Engines } from "./engines/engines.js";
import { unknownVoice } from "./engines/unknown-voice.js";

/**
 * Answers which voices there are, and which engines failed to list theirs; of several speech services one answers. Without an
 * engine the list is empty.
 */
export function answerVoices({ stream, log }: Platform, engines: Engines): Running {
  const subscription = stream.connection.subscribe(VOICES_SUBJECT, {
    queue: "tts",
    callback: (error, message) => {
      if (!error) answer(message).catch((thrown: unknown) => log.warn({ err: thrown }, "could not answer"));
    },
  });
  const answer = async (message: Msg) => {
    const listing = await engines.list();
    if (listing.voices.length === 0) log.warn({ err: unknownVoice("", listing) }, "no voices");
    message.respond(toBinary(ListVoicesResponseSchema, listing));
  };
  return { close: async () => subscription.unsubscribe() };
}
