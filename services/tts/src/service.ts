import type { PartFactName } from "@polyreel/contract";
import { PartMaker, partStage, Tenants } from "@polyreel/parts";
import { CostLog } from "@polyreel/parts/costs";
import { type KindMadeBy, kindsMadeBy } from "@polyreel/parts/kinds";
import { warnRemoved } from "@polyreel/parts/sources";
import { openPlatform, startStage, type Work } from "@polyreel/pipeline";
import { openSecrets } from "@polyreel/pipeline/settings";
import { composed, type Running } from "@polyreel/platform";
import { openWorkFolder } from "@polyreel/platform/files";
import { type FactMessage, openLeases } from "@polyreel/platform/stream";
import { answerVoices } from "./answer-voices.js";
import type { TtsConfig } from "./config.js";
import { ConfiguredEngines } from "./engines/configured-engines.js";
import type { ListingOptions } from "./engines/engine-voices.js";
import { onVoiceRequested } from "./on-voice-requested.js";
import { Ledgers } from "./spending/ledgers.js";
import { storedListings } from "./stored-listings.js";

/** Dependencies of the speech service's handlers. */
export interface Speaker {
  readonly engines: ConfiguredEngines;
  readonly tenants: Tenants;
  readonly ledgers: Ledgers;
  readonly maker: PartMaker;
}

/** Handler and consumer name of each part kind that speech services make. */
const makers: Record<KindMadeBy<"tts">, { readonly name: string; readonly handle: typeof onVoiceRequested }> = {
  voice: { name: "tts", handle: onVoiceRequested },
};

/** The speech service: speaks each distinct line once, and lists voices. */
export function startTts(config: TtsConfig): Promise<Running> {
  return composed(async (releasers) => {
    const platform = releasers.use(await openPlatform("polyreel-tts", config));
    const { publisher, store, stream } = platform;
    const folder = releasers.use(await openWorkFolder("tts"));
    const costLog = releasers.use(new CostLog(store, "tts", platform.log));
    const leases = await openLeases(stream);
    const listing: ListingOptions = {
      onFailure: ({ engine }, err) => platform.log.warn({ err, engine }, "a speech engine failed to list its voices"),
      memory: storedListings(store),
    };
    const secrets = await openSecrets(config.secrets, platform);
    const speaker: Speaker = {
      engines: releasers.use(
        await ConfiguredEngines.open(config, { log: platform.log, listing, providers: { leases, secrets } }),
      ),
      tenants: new Tenants(store, { onRemoved: warnRemoved(platform.log) }),
      ledgers: new Ledgers(store),
      maker: new PartMaker(leases, folder, publisher, costLog),
    };
    releasers.use(answerVoices(platform, speaker.engines));
    for (const kind of kindsMadeBy("tts")) {
      const { name, handle } = makers[kind];
      const answer = (message: FactMessage<PartFactName<"requested">>, work: Work) => handle(message, work, speaker);
      const options = { name, slots: config.linesAtOnce, handle: answer };
      releasers.use(startStage(partStage(kind, speaker.maker, options), platform));
    }
    platform.log.info("tts ready");
    return releasers;
  });
}
