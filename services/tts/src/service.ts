import { Stage } from "@polyreel/contract";
import { PartMaker, Tenants } from "@polyreel/parts";
import { CostLog } from "@polyreel/parts/costs";
import { openPlatform, startStage } from "@polyreel/pipeline";
import { composed, type Running } from "@polyreel/platform";
import { openWorkFolder } from "@polyreel/platform/files";
import { openLeases } from "@polyreel/platform/stream";
import { answerVoices } from "./answer-voices.js";
import type { TtsConfig } from "./config.js";
import { Engines } from "./engines/engines.js";
import { onVoiceRequested } from "./on-voice-requested.js";

/** What the speech service's handlers work with. */
export interface Speaker {
  readonly engines: Engines;
  readonly tenants: Tenants;
  readonly maker: PartMaker;
}

/** The speech service: speaks each distinct line once, and tells which voices there are. */
export function startTts(config: TtsConfig): Promise<Running> {
  return composed(async (releasers) => {
    const platform = releasers.use(await openPlatform("polyreel-tts", config));
    const { publisher, store, stream } = platform;
    const folder = releasers.use(await openWorkFolder("tts"));
    const notebook = releasers.use(new CostLog(store, "tts", platform.log));
    const speaker: Speaker = {
      engines: new Engines(undefined, {
        onFailure: ({ engine }, err) => platform.log.warn({ err, engine }, "a speech engine failed to list its voices"),
      }),
      tenants: new Tenants(store),
      maker: new PartMaker(await openLeases(stream), folder, publisher, notebook),
    };
    releasers.use(answerVoices(platform, speaker.engines));
    releasers.use(
      startStage(
        {
          name: "tts",
          fact: "voice.requested",
          over: "live-batches",
          slots: config.linesAtOnce,
          about: ({ hash }) => ({ stage: Stage.VOICE, id: hash }),
          wanted: (fact) => speaker.maker.wanted(fact, "voice", Stage.VOICE),
          handle: (told, work) => onVoiceRequested(told, work, speaker),
          giveUp: (told, error) => speaker.maker.fail(told, "voice", error),
        },
        platform,
      ),
    );
    platform.log.info("tts ready");
    return releasers;
  });
}
