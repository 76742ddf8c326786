import { posix } from "node:path";
import { type CombinationRendered, type FactName, Stage } from "@polyreel/contract";
import { charging } from "@polyreel/media/measured/charge.js";
import { Notebook } from "@polyreel/media/measured/notebook.js";
import { processCpu } from "@polyreel/media/measured/process-cpu.js";
import { deliveryClass } from "@polyreel/media/measured/record.js";
import { Tenants } from "@polyreel/media/parts/tenants.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { composed, type Running } from "@polyreel/platform/lifecycle.js";
import { lastFact, type Told } from "@polyreel/platform/nats/follow.js";
import { startStage } from "@polyreel/platform/nats/stage.js";
import { openPlatform, type Platform } from "@polyreel/platform/service.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import { droppedKey } from "@polyreel/platform/store/store.js";
import { activeTraceId } from "@polyreel/platform/telemetry/telemetry.js";
import type { UploaderConfig } from "./config.js";
import { FolderDestination } from "./destination/folder-destination.js";
import { Fences } from "./fence.js";
import { batchPlace } from "./manifest/batch-place.js";
import { noteDropped } from "./manifest/note-dropped.js";
import { outcomesOfAll } from "./manifest/outcomes.js";
import { removeListings } from "./manifest/remove-listings.js";
import { RowSpool } from "./manifest/spool.js";
import { onBatchDeleted } from "./on-batch-deleted.js";
import { onBatchDeleting } from "./on-batch-deleting.js";
import { onBatchFinished } from "./on-batch-finished.js";
import { onCombinationRendered } from "./on-combination-rendered.js";
import { answerFolderQuestions } from "./on-folder-question.js";
import { PictureMaker } from "./pictures.js";
import { redeliverLost } from "./redeliver-lost.js";
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
    releasers.use(startForgetting(platform));
    releasers.use(answerFolderQuestions(platform, destination));
    platform.log.info({ folder: destination.root }, "uploader ready");
    return { idle: () => manifests.idle(), failed: releasers.failed, close: () => releasers.close() };
  });
}

function startDeliveries(platform: Platform, destination: FolderDestination, notebook: Notebook, slots: number) {
  const { store, stream, batches, publisher, log } = platform;
  const fences = new Fences(stream, batches);
  const tenants = new Tenants(store);
  const pictures = new PictureMaker();
  const note = ({ target, certificate }: CombinationRendered, coreSeconds: number) => {
    const kind = target?.virtual ? "virtual" : target?.pictures.length ? "pictured" : "written";
    const bytes = kind === "virtual" ? 0 : Number(certificate?.sizeBytes ?? 0);
    notebook.note(deliveryClass(kind), { coreSeconds, amount: bytes / 1e6, bytes });
  };
  const redeliver = async (batchId: string, folder: string, signal: AbortSignal) => {
    const count = await redeliverLost({ batchId, folder }, { stream, publisher, destination }, signal);
    if (count > 0)
      log.warn({ batch: batchId, folder, count }, "deliveries are gone with their folder; delivering again");
  };
  return startStage(
    {
      name: "uploader",
      fact: "combination.rendered",
      over: "live-batches",
      slots,
      held: Math.max(HELD, slots * 2),
      about: ({ combination }) => ({ stage: Stage.DELIVERY, id: combination?.id ?? "" }),
      handle: async ({ fact, batchId, generation }, { signal, span, leaveSlot }) => {
        const { parts } = tenants.of(fact.tenant);
        span.setAttribute("polyreel.combination.id", fact.combination?.id ?? "");
        const fence = fences.of({ batchId, generation });
        const about = { signal, fence: () => fence.pass(), traceId: activeTraceId() };
        const delivering = async () => {
          const delivered = await onCombinationRendered(fact, { parts, destination, pictures }, about).catch(
            async (error: unknown) => {
              if (!(await renderAgain(fact, parts, publisher))) throw error;
              log.warn({ err: error, batch: fact.batchId, attempt: fact.attempt }, "a part is lost; rendering again");
            },
          );
          if (!delivered) return false;
          const { combinationId: id, attempt, path } = delivered.fact;
          if (delivered.inNewFolder) await redeliver(batchId, posix.dirname(path), signal);
          if (path && !(await destination.has(path))) throw vanished(path);
          leaveSlot();
          await publisher.publish("combination.delivered", delivered.fact, { id, attempt });
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

const vanished = (path: string): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: `${path} was removed from the output folder as soon as it was there.`,
    remedy: "Let what removes it wait until the batch is finished.",
  });

function startManifests(platform: Platform, destination: FolderDestination) {
  const { stream, store, log } = platform;
  return startStage(
    {
      name: "uploader-manifest",
      fact: "batch.finished",
      over: "all-batches",
      slots: 1,
      handle: async ({ batchId, fact, sequence, generation }, { signal }) => {
        const lastOf = async (name: FactName) => (await lastFact(stream, name, batchId))?.sequence ?? 0;
        const isDeleted = async () =>
          (await lastOf("batch.deleting")) > sequence ||
          (await lastOf("batch.deleted")) > sequence ||
          // Published by a process that was stopped until its batch was deleted.
          (generation > 0 && (await lastOf("batch.submitted")) !== generation);
        if (await isDeleted()) return;
        const place = await batchPlace(batchId, stream, store);
        const { folder, listOwner: owner, overwrite } = place;
        const outcomes = outcomesOfAll(stream, place, signal);
        const folders = await onBatchFinished({ batchId, folder, owner, overwrite, outcomes }, destination, signal);
        await noteDropped(batchId, place, fact, { stream, store, destination }, signal);
        if (!(await isDeleted())) return;
        // Meanwhile: who removed its outputs may not have met these.
        await removeListings({ batchId, folders }, destination);
        await scopedStore(store, owner.tenant).remove(droppedKey(batchId));
      },
      giveUp: async ({ batchId }, error) => log.error({ err: error, batch: batchId }, "has no manifest"),
    },
    platform,
  );
}

function startDeletions(platform: Platform, destination: FolderDestination) {
  const { stream, store, publisher, log } = platform;
  return startStage(
    {
      name: "uploader-removals",
      fact: "batch.deleting",
      over: "all-batches",
      slots: 1,
      about: () => ({ stage: Stage.DELETION, id: "" }),
      untilDone: true,
      handle: (told, { signal }) => onBatchDeleting(told, { stream, store, destination, publisher, log }, signal),
      giveUp: async () => {},
    },
    platform,
  );
}

function startForgetting(platform: Platform) {
  return startStage(
    {
      name: "uploader-deletions",
      fact: "batch.deleted",
      over: "all-batches",
      slots: 1,
      untilDone: true,
      handle: (told) => onBatchDeleted(told, platform.stream),
      giveUp: async () => {},
    },
    platform,
  );
}
