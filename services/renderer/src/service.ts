import { type PartFactName, Stage } from "@polyreel/contract";
import { ImageWorkers } from "@polyreel/media/image";
import { requireHardware } from "@polyreel/media/rendition";
import { SOUNDS_PER_PROCESS, SoundEncoder } from "@polyreel/media/sound";
import { loadMaker, PartMaker, partStage, Tenants, type Tools } from "@polyreel/parts";
import { CostLog } from "@polyreel/parts/costs";
import { type Budget, kindsMadeBy, partKinds } from "@polyreel/parts/kinds";
import { AwaitedParts } from "@polyreel/parts/requests";
import { warnRemoved } from "@polyreel/parts/sources";
import {
  FairSlots,
  openPlatform,
  PartialWork,
  type Platform,
  PublishedBefore,
  type StageOptions,
  startStage,
  type Work,
} from "@polyreel/pipeline";
import { composed, type Running } from "@polyreel/platform";
import { openWorkFolder, type WorkFolder } from "@polyreel/platform/files";
import { type FactMessage, openLeases } from "@polyreel/platform/stream";
import pLimit, { type LimitFunction } from "p-limit";
import type { RendererConfig } from "./config.js";
import { answerAlive, handlesByEncoder } from "./encoders.js";
import { failCombination, onCombinationPlanned, renderedBefore } from "./on-combination-planned.js";
import { onPartRequested } from "./on-part-requested.js";
import { answerPosterRequests } from "./on-poster-request.js";
import { DecodedFrames } from "./outputs/decoded-frames.js";

/** Joins are short; a low limit keeps the event loop free for heartbeats. */
const JOINS_AT_ONCE = 8;
/** Combinations of one batch that wait for their parts here, outside the slots. */
const HELD_COMBINATIONS = 256;

/** Dependencies of the renderer's handlers. */
export interface Renderer {
  readonly platform: Platform;
  readonly tenants: Tenants;
  readonly maker: PartMaker;
  /** Costs of joins and pictures. */
  readonly costLog: Pick<CostLog, "note">;
  /** Tools for making parts. */
  readonly tools: Tools;
  readonly awaited: AwaitedParts;
  readonly frames: DecodedFrames;
  /** For temporary files. */
  readonly folder: WorkFolder;
  /** Limits the inputs that are read concurrently; batches take turns. */
  readonly readingInputs: FairSlots;
  /** Limits concurrent work on combinations with several outputs. */
  readonly making: LimitFunction;
  readonly partial: PartialWork<"combination.planned">;
}

/** The renderer: encodes clips, mixes soundtracks, lays combinations out and certifies them. */
export function startRenderer(config: RendererConfig): Promise<Running> {
  return composed(async (releasers) => {
    const { encoder } = config;
    if (encoder !== "software") await requireHardware(encoder, new AbortController().signal);
    const platform = releasers.use(await openPlatform("polyreel-renderer", config));
    const { publisher } = platform;
    const folder = releasers.use(await openWorkFolder("renderer"));
    const awaited = releasers.use(new AwaitedParts(platform));
    const costLog = releasers.use(new CostLog(platform.store, "renderer", platform.log));
    const images = releasers.use(new ImageWorkers({ processes: config.encodesAtOnce }));
    const maker = new PartMaker(await openLeases(platform.stream), folder, publisher, costLog);
    const published = new PublishedBefore(platform.stream, ["combination.rendered", "combination.failed"]);
    const renderer: Renderer = {
      platform,
      tenants: new Tenants(platform.store, { onRemoved: warnRemoved(platform.log) }),
      maker,
      costLog,
      tools: {
        maker,
        encoder: new SoundEncoder({ processes: config.mixesAtOnce, tempDir: folder.path }),
        images,
        decoding: pLimit(config.mixesAtOnce),
      },
      awaited,
      frames: new DecodedFrames(),
      folder,
      readingInputs: new FairSlots(config.mixesAtOnce),
      making: pLimit(JOINS_AT_ONCE),
      partial: new PartialWork((planned) => renderedBefore(planned, published)),
    };

    const slots = {
      encode: config.encodesAtOnce,
      mix: config.mixesAtOnce * SOUNDS_PER_PROCESS,
      light: JOINS_AT_ONCE,
    } satisfies Record<Budget, number>;
    const combinations: StageOptions<"combination.planned"> = {
      name: "renderer-combination",
      fact: "combination.planned",
      over: "live-batches",
      slots: JOINS_AT_ONCE,
      held: HELD_COMBINATIONS,
      about: ({ combination }) => ({ stage: Stage.JOIN, id: combination?.id ?? "" }),
      handle: (planned, work) => onCombinationPlanned(planned, work, renderer),
      giveUp: (planned, error) => failCombination(planned, error, renderer),
    };
    for (const kind of kindsMadeBy("renderer")) {
      const make = await loadMaker(kind);
      const handle = (message: FactMessage<PartFactName<"requested">>, work: Work) =>
        onPartRequested(kind, make, message, work, renderer);
      const handles =
        kind === "rendition" ? handlesByEncoder(encoder, handle, renderer) : { [`renderer-${kind}`]: handle };
      for (const [name, handle] of Object.entries(handles)) {
        const options = { name, slots: slots[partKinds[kind].making.budget], handle };
        releasers.use(startStage(partStage(kind, maker, options), platform));
      }
    }
    releasers.use(startStage(combinations, platform));
    releasers.use(published); // Closed first: combinations may wait for it.
    releasers.use(answerPosterRequests(renderer));
    if (encoder !== "software") releasers.use(answerAlive(encoder, platform));
    platform.log.info({ encoder }, "renderer ready");
    return releasers;
  });
}
