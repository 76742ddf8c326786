import { create, toBinary } from "@bufbuild/protobuf";
import type { Msg } from "@nats-io/transport-node";
import { ListVoicesResponseSchema, VOICES_SUBJECT } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { toPolyreelError } from "@polyreel/platform";
import type { Engines } from "./engines/engines.js";

/** Answers which voices there are; of several speech services one answers. Without an engine the list is empty. */
export function answerVoices({ stream, log }: Platform, engines: Engines): Running {
  const subscription = stream.connection.subscribe(VOICES_SUBJECT, {
    queue: "tts",
    callback: (error, message) => {
      if (!error) answer(message).catch((thrown: unknown) => log.warn({ err: thrown }, "could not answer"));
    },
  });
  const answer = async (message: Msg) => {
    const voices = await engines.voices().catch((thrown: unknown) => {
      log.warn({ err: toPolyreelError(thrown) }, "no voices");
      return [];
    });
    message.respond(toBinary(ListVoicesResponseSchema, create(ListVoicesResponseSchema, { voices })));
  };
  return { close: async () => subscription.unsubscribe() };
}
