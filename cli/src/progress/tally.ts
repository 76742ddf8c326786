import {
  countOf,
  deliveriesIn,
  outputsOf,
  type PartUpdate,
  type Progress,
  renderedPlan,
  Stage,
  type TryingAgain,
  type WatchBatchResponse,
} from "@polyreel/contract";

const MAX_RETRIES_SHOWN = 1000;

/** Progress of the parts of one kind. */
export interface PartTally {
  /** Requested so far. */
  requested: number;
  /** Ready or failed. */
  done: number;
  /** Total number, once everything is planned. */
  expected: number | undefined;
  /** Progress of the parts being made, 0 to 1, by hash. */
  running: Map<string, number>;
}

/**
 * Aggregates a batch's events into counts. Holds ids only of parts being made, so its size does not depend on the
 * batch's. For progress display only; `GetBatch` has the final figures.
 */
export class Tally {
  combinations = 0;
  planned = 0;
  /** Outputs in their destinations: total, and their results. */
  deliveries = 0;
  delivered = 0;
  failed = 0;
  /** Deliveries that are laid out and wait for approval, unless a decision was among the events. */
  awaiting = 0;
  rejected = 0;
  /** Events of failed combinations or failed deliveries. */
  failures = 0;
  allPlanned = false;
  voices = emptyParts();
  clips = emptyParts();
  soundtracks = emptyParts();
  renditions = emptyParts();
  /** Transient failures that will be retried, by the time of their last event. */
  readonly retries = new Map<string, TryingAgain>();
  /** Run of the batch; events of earlier runs are ignored. */
  #attempt = 1;

  add({ update }: WatchBatchResponse): void {
    switch (update.case) {
      case "batchSubmitted":
        this.combinations = Number(update.value.combinations);
        this.deliveries = outputsOf(update.value).reduce(
          (sum, { deliveries }) => sum + deliveries * this.combinations,
          0,
        );
        break;
      case "batchPlanned":
        this.combinations = Number(update.value.combinations);
        this.deliveries = Number(update.value.deliveries || update.value.combinations);
        this.allPlanned = true;
        this.voices.expected = Number(update.value.voices);
        this.clips.expected = Number(update.value.clips);
        this.soundtracks.expected = Number(update.value.soundtracks);
        this.renditions.expected = Number(update.value.renditions);
        break;
      case "batchResumed":
        this.#begin(Number(update.value.combinations), update.value.attempt);
        this.deliveries = Number(update.value.deliveries || update.value.combinations);
        break;
      case "batchRequeued":
        this.allPlanned = true;
        break;
      case "combinationPlanned":
        // A combination whose parts were lost is planned more than once.
        if (update.value.losses === 0) this.planned++;
        break;
      case "combinationRendered":
        this.awaiting += renderedPlan(update.value).targets.filter(({ awaitsApproval }) => awaitsApproval).length;
        break;
      case "combinationDelivered":
        this.delivered++;
        break;
      case "combinationRejected":
        this.rejected += deliveriesIn(update.value.deliveries, countOf(update.value.deliveryCount)).length;
        break;
      case "combinationFailed":
        this.failures++;
        this.failed += deliveriesIn(update.value.deliveries, countOf(update.value.deliveryCount)).length;
        break;
      case "part":
        this.#addPart(update.value);
        break;
      case "progress":
        if (update.value.tryingAgain) this.#addRetry(update.value, update.value.tryingAgain);
        else this.#partsOf(update.value.stage)?.running.set(update.value.id, update.value.fraction);
        break;
    }
  }

  /** Keeps only the newest of each, and few: thousands may fail for the same reason. */
  #addRetry({ stage, id }: Progress, again: TryingAgain): void {
    const key = `${stage} ${id}`;
    this.retries.delete(key);
    this.retries.set(key, again);
    const [oldest] = this.retries.keys();
    if (this.retries.size > MAX_RETRIES_SHOWN && oldest !== undefined) this.retries.delete(oldest);
  }

  /** A resumed run is counted from its start. */
  #begin(combinations: number, attempt: number): void {
    this.combinations = combinations;
    this.#attempt = attempt;
    this.allPlanned = false;
    this.planned = this.delivered = this.failed = this.failures = this.awaiting = this.rejected = 0;
    this.voices = emptyParts();
    this.clips = emptyParts();
    this.soundtracks = emptyParts();
    this.renditions = emptyParts();
  }

  #addPart({ stage, event }: PartUpdate): void {
    const parts = this.#partsOf(stage);
    // A part that is requested or announced more than once counts once.
    if (!parts || !event.value || event.value.attempt > this.#attempt) return;
    if (event.case === "requested") {
      parts.requested++;
    } else {
      parts.done++;
      parts.running.delete(event.value.hash);
    }
  }

  #partsOf(stage: Stage): PartTally | undefined {
    switch (stage) {
      case Stage.VOICE:
        return this.voices;
      case Stage.CLIP:
        return this.clips;
      case Stage.SOUND:
        return this.soundtracks;
      case Stage.RENDITION:
        return this.renditions;
      default:
        return undefined;
    }
  }
}

const emptyParts = (): PartTally => ({ requested: 0, done: 0, expected: undefined, running: new Map() });
