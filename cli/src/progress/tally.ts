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

const MAX_TRIED_AGAIN = 1000;

/** How far the parts of one kind are. */
export interface PartTally {
  /** Asked for so far. */
  requested: number;
  /** Ready or failed. */
  done: number;
  /** How many there will be, once everything is planned. */
  expected: number | undefined;
  /** Progress of those in the making, 0 to 1, by hash. */
  running: Map<string, number>;
}

/**
 * What a batch's facts have said so far: counts, and no ids but those of parts in the making, so that it stays small
 * whatever the batch. For showing progress; what is true at the end, `GetBatch` says.
 */
export class Tally {
  combinations = 0;
  planned = 0;
  /** Outputs in their destinations: how many there will be, and what became of them. */
  deliveries = 0;
  delivered = 0;
  failed = 0;
  /** Deliveries that are laid out and wait for approval, as far as nothing was decided about them in what was seen. */
  awaiting = 0;
  rejected = 0;
  /** Facts that a combination, or some of its deliveries, failed. */
  failures = 0;
  allPlanned = false;
  voices = emptyParts();
  clips = emptyParts();
  soundtracks = emptyParts();
  /** What failed in a way that may pass, when it was last heard of. */
  readonly triedAgain = new Map<string, TryingAgain>();
  /** What all is that is said in this run for the first time. */
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
        break;
      case "batchResumed":
        this.#begin(Number(update.value.combinations), update.value.attempt);
        this.deliveries = Number(update.value.deliveries || update.value.combinations);
        break;
      case "batchRequeued":
        this.allPlanned = true;
        break;
      case "combinationPlanned":
        // One whose parts were lost is planned again.
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
        if (update.value.tryingAgain) this.#waits(update.value, update.value.tryingAgain);
        else this.#partsOf(update.value.stage)?.running.set(update.value.id, update.value.fraction);
        break;
    }
  }

  /** The newest of each thing, and few of them: there may be thousands that fail for the same reason. */
  #waits({ stage, id }: Progress, again: TryingAgain): void {
    const key = `${stage} ${id}`;
    this.triedAgain.delete(key);
    this.triedAgain.set(key, again);
    const [oldest] = this.triedAgain.keys();
    if (this.triedAgain.size > MAX_TRIED_AGAIN && oldest !== undefined) this.triedAgain.delete(oldest);
  }

  /** A resumed run counts for itself. */
  #begin(combinations: number, attempt: number): void {
    this.combinations = combinations;
    this.#attempt = attempt;
    this.allPlanned = false;
    this.planned = this.delivered = this.failed = this.failures = this.awaiting = this.rejected = 0;
    this.voices = emptyParts();
    this.clips = emptyParts();
    this.soundtracks = emptyParts();
  }

  #addPart({ stage, event }: PartUpdate): void {
    const parts = this.#partsOf(stage);
    // A part asked for again, or answered again, is still one part.
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
      default:
        return undefined;
    }
  }
}

const emptyParts = (): PartTally => ({ requested: 0, done: 0, expected: undefined, running: new Map() });
