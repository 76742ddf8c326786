import { type CombinationRendered, Stage } from "@polyreel/contract";
import { charging } from "@polyreel/media/measured/charge.js";
import { Notebook } from "@polyreel/media/measured/notebook.js";
import { processCpu } from "@polyreel/media/measured/process-cpu.js";
import { deliveryClass } from "@polyreel/media/measured/record.js";
import { Tenants } from "@polyreel/media/parts/tenants.js";
import { composed, type Running } from "@polyreel/platform/lifecycle.js";
import { lastFact, type Told } from "@polyreel/platform/nats/follow.js";
import { startStage } from "@polyreel/platform/nats/stage.js";
import { openPlatform, type Platform } from "@polyreel/platform/service.js";
import { activeTraceId } from "@polyreel/platform/telemetry/telemetry.js";
import type { UploaderConfig } from "./config.js";
import { FolderDestination } from "./destination/folder-destination.js";
import { batchPlace } from "./manifest/batch-place.js";
import { outcomesOfAll } from "./manifest/outcomes.js";
import { removeListings } from "./manifest/remove-listings.js";
import { RowSpool } from "./manifest/spool.js";
import { onBatchDeleted } from "./on-batch-deleted.js";
import { onBatchFinished } from "./on-batch-finished.js";
import { onCombinationRendered } from "./on-combination-rendered.js";
import { PictureMaker } from "./pictures.js";
import { renderAgain } from "./render-again.js";

/** Deliveries of one batch that are taken ahead: of virtual ones hundreds are done before the next could be asked for. */
const HELD = 128;

export interface Uploader extends Running {
  /** Whether the manifest of every finished batch is written. */
  idle(): Promise<boolean>;
}

/** The uploader: makes certified outputs real, and lists those of finished batches. */
export function startUploader(config: UploaderConfig): Promise<Uploader> {
  return composed(async (releasers) => {
    const platform = releasers.use(await openPlatform("polyreel-uploader", config));
    const destination = new FolderDestination(config.outputFolder);
    const notebook = releasers.use(new Notebook(platform.store, "uploader", platform.log));
    releasers.use(startDeliveries(platform, destination, notebook, config.deliveriesAtOnce));
    await RowSpool.removeLeft();
    const manifests = releasers.use(startManifests(platform, destination));
    releasers.use(startDeletions(platform, destination));
    platform.log.info({ folder: destination.root }, "uploader ready");
    return { idle: () => manifests.idle(), failed: releasers.failed, close: () => releasers.close() };
  });
}

function startDeliveries(platform: Platform, destination: FolderDestination, notebook: Notebook, slots: number) {
  const { store, publisher, log } = platform;
  const tenants = new Tenants(store);
  const pictures = new PictureMaker();
  const note = ({ target, certificate }: CombinationRendered, coreSeconds: number) => {
    const kind = target?.virtual ? "virtual" : target?.pictures.length ? "pictured" : "written";
    const bytes = kind === "virtual" ? 0 : Number(certificate?.sizeBytes ?? 0);
    notebook.note(deliveryClass(kind), { coreSeconds, amount: bytes / 1e6, bytes });
  };
  return startStage(
    {
      name: "uploader",
      fact: "combination.rendered",
      over: "live-batches",
      slots,
      held: Math.max(HELD, slots * 2),
      about: ({ combination }) => ({ stage: Stage.DELIVERY, id: combination?.id ?? "" }),
      handle: async ({ fact }, { signal, span, leaveSlot }) => {
        const { parts } = tenants.of(fact.tenant);
        span.setAttribute("polyreel.combination.id", fact.combination?.id ?? "");
        const about = { signal, traceId: activeTraceId() };
        const delivering = async () => {
          const delivered = await onCombinationRendered(fact, { parts, destination, pictures }, about).catch(
            async (error: unknown) => {
              if (!(await renderAgain(fact, parts, publisher))) throw error;
              log.warn({ err: error, batch: fact.batchId, attempt: fact.attempt }, "a part is lost; rendering again");
            },
          );
          if (!delivered) return false;
          const { combinationId: id, attempt } = delivered;
          leaveSlot();
          await publisher.publish("combination.delivered", delivered, { id, attempt });
          return true;
        };
        const measured = () => processCpu.measure(delivering);
        // Pictures are charged the programs that take their frames. Being charged costs each delivery some of its CPU.
        const { made, cpuSeconds } = fact.target?.pictures.length
          ? await charging(measured)
          : { made: await measured(), cpuSeconds: 0 };
        if (made.made) note(fact, made.coreSeconds + cpuSeconds);
      },
      giveUp: async (
        { fact: { batchId, attempt, combination, target } }: Told<"combination.rendered">,
        { failure },
      ) => {
        if (!combination) return;
        const { id, ordinal, choices } = combination;
        const about = { combinationId: id, ordinal, choices, folder: target?.folder ?? "" };
        const told = { batchId, attempt, ...about, failure, traceId: activeTraceId() };
        await publisher.publish("combination.failed", told, { id, attempt });
      },
    },
    platform,
  );
}

function startManifests(platform: Platform, destination: FolderDestination) {
  const { stream, store, log } = platform;
  return startStage(
    {
      name: "uploader-manifest",
      fact: "batch.finished",
      over: "all-batches",
      slots: 1,
      handle: async ({ batchId, sequence }, { signal }) => {
        const isDeleted = async () => ((await lastFact(stream, "batch.deleted", batchId))?.sequence ?? 0) > sequence;
        if (await isDeleted()) return;
        const { folder, batchIds } = await batchPlace(batchId, stream, store);
        const outcomes = outcomesOfAll(stream, { folder, batchIds }, signal);
        const folders = await onBatchFinished({ batchId, folder, outcomes }, destination, signal);
        // Meanwhile: who removed its outputs may not have met these.
        if (await isDeleted()) await removeListings({ batchId, folders }, destination);
      },
      giveUp: async ({ batchId }, error) => log.error({ err: error, batch: batchId }, "has no manifest"),
    },
    platform,
  );
}

function startDeletions(platform: Platform, destination: FolderDestination) {
  const { stream, store, log } = platform;
  return startStage(
    {
      name: "uploader-deletions",
      fact: "batch.deleted",
      over: "all-batches",
      slots: 1,
      handle: (told, { signal }) => onBatchDeleted(told, { stream, store, destination }, signal),
      giveUp: async ({ batchId }, error) => log.error({ err: error, batch: batchId }, "its outputs are not removed"),
    },
    platform,
  );
}
