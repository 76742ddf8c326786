import {
  type CombinationRendered,
  countOf,
  deliveryMessageId,
  type FactName,
  joinOf,
  lacksPictures,
  maskOf,
  renderedPlan,
  Stage,
  type Target,
} from "@polyreel/contract";
import { Tenants } from "@polyreel/parts";
import { CostLog, deliveryClass } from "@polyreel/parts/costs";
import { renderAgain, renderWithPictures } from "@polyreel/parts/requests";
import {
  openPlatform,
  PartialWork,
  type Piece,
  type Platform,
  PublishedBefore,
  publishCombinationFailed,
  startStage,
} from "@polyreel/pipeline";
import { openSecrets, SettingsFile } from "@polyreel/pipeline/settings";
import { composed, PolyreelError, type Running } from "@polyreel/platform";
import { droppedKey, scopedStore } from "@polyreel/platform/blobs";
import { processCpu } from "@polyreel/platform/process";
import type { Publisher } from "@polyreel/platform/stream";
import { type FactMessage, lastFact } from "@polyreel/platform/stream";
import { activeTraceId } from "@polyreel/platform/telemetry";
import type { UploaderConfig } from "./config.js";
import { ConfiguredDestinations } from "./destinations/configured/configured-destinations.js";
import { destinationsFormat } from "./destinations/configured/parse-settings.js";
import type { Destination } from "./destinations/destination.js";
import { Destinations } from "./destinations/destinations.js";
import { FolderDestination } from "./destinations/folder/folder-destination.js";
import { destinationOpener } from "./destinations/open-destination.js";
import { Fences } from "./fence.js";
import { finishCancelled } from "./finish-cancelled.js";
import { batchPlace } from "./manifest/batch-place.js";
import { noteDropped } from "./manifest/note-dropped.js";
import { outcomesOfAll } from "./manifest/outcomes.js";
import { removeListings } from "./manifest/remove-listings.js";
import { RowSpool } from "./manifest/spool.js";
import { onBatchDeleting } from "./on-batch-deleting.js";
import { onBatchFinished } from "./on-batch-finished.js";
import { deliverOutput } from "./on-combination-rendered.js";
import { answerDestinationsRequests } from "./on-destinations-request.js";
import { answerFolderRequests } from "./on-folder-request.js";
import { answerLinksRequests } from "./on-links-request.js";
import { redeliverLost } from "./redeliver-lost.js";

/** Prefetched deliveries of one batch: hundreds of virtual ones are done in the time of one pull. */
const HELD = 128;

export interface Uploader extends Running {
  /** Whether the manifest of every finished batch is written. */
  idle(): Promise<boolean>;
}

/** The uploader: delivers certified outputs, and writes the manifests of finished batches. */
export function startUploader(config: UploaderConfig): Promise<Uploader> {
  return composed(async (releasers) => {
    const platform = releasers.use(await openPlatform("polyreel-uploader", config));
    const own = new FolderDestination(config.outputFolder);
    const file = await SettingsFile.open(config.destinationsFile, destinationsFormat, platform.log);
    const secrets = await openSecrets(config.secrets, platform);
    const configured = new ConfiguredDestinations(file, destinationOpener({ ...platform, secrets }));
    const destination = new Destinations(own, configured);
    const costLog = releasers.use(new CostLog(platform.store, "uploader", platform.log));
    const published = new PublishedBefore(platform.stream, ["combination.delivered", "combination.failed"]);
    const { deliveriesAtOnce: slots } = config;
    releasers.use(startDeliveries(platform, { destination, costLog, published, slots }));
    releasers.use(published); // Closed first: deliveries may wait for it.
    await RowSpool.removeLeft();
    const manifests = releasers.use(startManifests(platform, destination));
    releasers.use(startDeletions(platform, destination));
    releasers.use(answerFolderRequests(platform, { destination, configured }));
    releasers.use(answerLinksRequests(platform, destination));
    releasers.use(answerDestinationsRequests(platform, configured));
    platform.log.info({ folder: own.root }, "uploader ready");
    return { idle: () => manifests.idle(), failed: releasers.failed, close: () => releasers.close() };
  });
}

interface Delivering {
  readonly destination: Destination;
  readonly costLog: CostLog;
  readonly published: PublishedBefore;
  readonly slots: number;
}

function startDeliveries(platform: Platform, { destination, costLog, published, slots }: Delivering) {
  const { store, stream, batches, publisher, log } = platform;
  const fences = new Fences(stream, batches);
  const tenants = new Tenants(store);
  const partial = new PartialWork<"combination.rendered">((message) =>
    published.deliveries(message, message.fact.combination?.id ?? "", message.fact.attempt),
  );
  const note = ({ virtual }: Target, { certificate }: CombinationRendered, coreSeconds: number) => {
    if (!joinOf(certificate)) return; // Estimates need only the costs of delivering videos.
    const bytes = virtual ? 0 : Number(certificate?.sizeBytes ?? 0);
    costLog.note(deliveryClass(virtual ? "virtual" : "written"), { coreSeconds, amount: bytes / 1e6, bytes });
  };
  const redeliver = async (batchId: string, folder: string, signal: AbortSignal) => {
    const count = await redeliverLost({ batchId, folder }, { stream, publisher, destination }, signal);
    if (count > 0)
      log.warn({ batch: batchId, folder, count }, "deliveries were lost with their folder; delivering again");
  };
  return startStage(
    {
      name: "uploader",
      fact: "combination.rendered",
      over: "live-batches",
      slots,
      held: Math.max(HELD, slots * 2),
      about: ({ combination }) => ({ stage: Stage.DELIVERY, id: combination?.id ?? "" }),
      handle: async (message, work) => {
        const { signal, shutdown, span, leaveSlot } = work;
        const { fact, batchId, generation } = message;
        const stores = tenants.of(fact.tenant);
        span.setAttribute("polyreel.combination.id", fact.combination?.id ?? "");
        span.setAttribute("polyreel.output.bytes", Number(fact.certificate?.sizeBytes ?? 0));
        if (lacksPictures(fact)) return renderWithPictures(fact, publisher);
        const fence = fences.of({ batchId, generation });
        const about = { signal, fence: () => fence.pass(), traceId: activeTraceId() };
        const targets = targetsOf(fact);
        if (targets.length === 0) return;
        const deliver = async (target: Target) => {
          const delivered = await deliverOutput(fact, target, { ...stores, destination }, about);
          const { combinationId, attempt, path, delivery } = delivered.fact;
          if (delivered.newFolder && !signal.aborted) await redeliver(batchId, delivered.newFolder, signal);
          if (!delivered.isKept && !(await destination.has(path))) throw vanished(path);
          if (targets.length === 1) leaveSlot();
          const id = deliveryMessageId(combinationId, delivery);
          await publisher.publish("combination.delivered", delivered.fact, { id, attempt });
        };
        let ownSeconds = 0;
        const pieces = targets.map((target) => ({
          number: target.delivery,
          work: async () => {
            const finished = () => finishCancelled(() => deliver(target), { signal, shutdown }, stream.outageWaitMs);
            const { coreSeconds } = await processCpu.measure(finished);
            ownSeconds += coreSeconds;
            span.setAttribute("polyreel.core.seconds", ownSeconds);
            note(target, fact, coreSeconds);
          },
        }));
        const fail = ({ number }: Piece, error: PolyreelError) => failDeliveries(fact, [number], error, publisher);
        await partial.run(message, pieces, work, fail).catch(async (error: unknown) => {
          const left = targets.flatMap(({ delivery }) => (partial.isDone(message, delivery) ? [] : delivery));
          if (!(await renderAgain(fact, left, stores, publisher))) throw error;
          partial.end(message);
          log.warn({ err: error, batch: fact.batchId, attempt: fact.attempt }, "a part is lost; rendering again");
        });
      },
      giveUp: async (message: FactMessage<"combination.rendered">, error) => {
        const left = await partial.giveUp(
          message,
          targetsOf(message.fact).map(({ delivery }) => delivery),
        );
        await failDeliveries(message.fact, left, error, publisher);
      },
    },
    platform,
  );
}

/**
 * Targets to deliver now. Targets that await approval are published again after it, so no message is held until then.
 */
const targetsOf = (fact: CombinationRendered): Target[] =>
  renderedPlan(fact).targets.filter(({ awaitsApproval }) => !awaitsApproval);

/** Publishes that deliveries of a combination failed. */
async function failDeliveries(
  rendered: CombinationRendered,
  numbers: readonly number[],
  { failure }: PolyreelError,
  publisher: Publisher,
): Promise<void> {
  const { batchId, attempt, combination, deliveryCount } = rendered;
  if (!combination || numbers.length === 0) return;
  const { targets } = renderedPlan(rendered);
  const deliveries = { targets, mask: maskOf(numbers), deliveryCount: countOf(deliveryCount) };
  await publishCombinationFailed(publisher, { batchId, attempt, combination, ...deliveries, failure });
}

const vanished = (path: string): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: `${path} was removed from its destination right after its delivery.`,
    remedy: "Keep other programs from removing outputs before the batch is finished.",
  });

function startManifests(platform: Platform, destination: Destination) {
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
          // Published by a process that was paused until its batch was deleted.
          (generation > 0 && (await lastOf("batch.submitted")) !== generation);
        if (await isDeleted()) return;
        const place = await batchPlace(batchId, stream, store);
        const { listOwner: owner } = place;
        const outcomes = outcomesOfAll(stream, place, signal);
        const finished = { batchId, batch: place.batch, folders: place.folders, owner, outcomes };
        const folders = await onBatchFinished(finished, destination, signal);
        await noteDropped(batchId, place, fact, { stream, store, destination }, signal);
        if (!(await isDeleted())) return;
        // Deleted meanwhile: the deletion may have missed these manifests.
        await removeListings({ batchId, folders }, destination);
        await scopedStore(store, owner.tenant).remove([droppedKey(batchId)]);
      },
      giveUp: async ({ batchId }, error) => log.error({ err: error, batch: batchId }, "could not write the manifest"),
    },
    platform,
  );
}

function startDeletions(platform: Platform, destination: Destination) {
  const { stream, store, publisher, log } = platform;
  return startStage(
    {
      name: "uploader-removals",
      fact: "batch.deleting",
      over: "all-batches",
      slots: 1,
      about: () => ({ stage: Stage.DELETION, id: "" }),
      untilDone: true,
      handle: (message, { signal }) => onBatchDeleting(message, { stream, store, destination, publisher, log }, signal),
      giveUp: async () => {},
    },
    platform,
  );
}
