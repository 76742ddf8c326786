import { setTimeout as sleep } from "node:timers/promises";
import type { Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { Attempt, Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import { delayAfterAttempt, LONGEST_DELAY_MS } from "../schedule.js";
import type { Claim, NotificationStore, Settlement } from "../store/notification-store.js";
import type { ConfiguredReceivers } from "./configured-receiver.js";
import { type DeliverDeps, deliver } from "./deliver.js";
import { Lanes } from "./lanes.js";

/** How often a gateway looks for what others recorded, at the latest. */
const POLL_MS = 5_000;
/** After a failure of the database, and until a specification can be read again. */
const RETRY_MS = 1_000;
const OUTAGE_MS = 15_000;
/** Lanes looked at in one go: a tenant with thousands of receivers must not take all the time. */
const LANES_AT_ONCE = 64;
const PAGES_AT_ONCE = 8;
/** Nobody waits longer for a specification that cannot be read. */
const UNREADABLE_MS = 3 * 24 * 3_600_000;
/** A claim lasts this many times as long as its attempt may take. */
const CLAIM_FACTOR = 2;
const PRUNE_MS = 3_600_000;
const KEPT_MS = 30 * 24 * 3_600_000;

export interface SenderDeps extends DeliverDeps {
  readonly store: NotificationStore;
  readonly receivers: Pick<ConfiguredReceivers, "of">;
  readonly log: Log;
  /** Resolves when the read model is ready. */
  readonly caughtUp: Promise<void>;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/**
 * Sends what is due. Any number of gateways may share a database: a notification is claimed for the time of an attempt,
 * so after a kill another one sends it again, with the same id.
 */
export class Sender implements Running {
  readonly #stop = new AbortController();
  readonly #lanes = new Lanes();
  readonly #attempts = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  readonly #now: () => Date;
  #wake = new AbortController();
  #after = "";
  #pruneAt = 0;

  constructor(private readonly deps: SenderDeps) {
    this.#now = deps.now ?? (() => new Date());
    this.#running = this.#run();
  }

  /** Looks for what is due at once. */
  poke(): void {
    this.#wake.abort();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
    await Promise.all(this.#attempts);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    await Promise.race([this.deps.caughtUp, aborted(signal)]);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const wake = AbortSignal.any([signal, this.#wake.signal]);
      let waitMs = RETRY_MS;
      try {
        await this.#keepHouse();
        await this.#begin();
        waitMs = await this.#untilDue();
      } catch (error) {
        if (!signal.aborted) this.deps.log.warn({ err: error }, "cannot look for notifications that are due; retrying");
      }
      await sleep(waitMs, undefined, { signal: wake }).catch(() => {});
    }
  }

  /** Begins attempts while there is room: lane by lane in turns, beginning after the lane that was served last. */
  async #begin(): Promise<void> {
    for (let pages = 0; pages < PAGES_AT_ONCE && !this.#stop.signal.aborted; pages++) {
      const lanes = await this.deps.store.lanesDue(this.#now(), this.#after, LANES_AT_ONCE);
      for (const lane of lanes) {
        if (this.#lanes.full) return;
        await this.#beginIn(lane);
        this.#after = lane;
      }
      if (lanes.length === LANES_AT_ONCE) continue;
      const wasWholeRound = this.#after === "" || pages > 0;
      this.#after = "";
      if (wasWholeRound) return;
    }
  }

  async #beginIn(lane: string): Promise<number> {
    const room = this.#lanes.room(lane);
    if (room <= 0) return 0;
    const now = this.#now();
    const until = new Date(now.getTime() + CLAIM_FACTOR * this.deps.config.timeoutMs);
    const claims = await this.deps.store.claim(lane, now, until, room);
    for (const claim of claims) {
      this.#lanes.begin(lane);
      const attempt = this.#attempt(claim).finally(() => {
        this.#lanes.end(lane);
        this.#attempts.delete(attempt);
        this.poke();
      });
      this.#attempts.add(attempt);
    }
    return claims.length;
  }

  async #attempt(claim: Claim): Promise<void> {
    const { store, log } = this.deps;
    const { notification } = claim;
    try {
      const settlement = await this.#settlementOf(notification);
      await store.settle(claim, settlement, this.#now());
      if (settlement.state === "stopped") await store.stopReceiver(notification, settlement.reason ?? "", this.#now());
      const { id, batchId, type, shown } = notification;
      const about = { notification: id, batch: batchId, type, receiver: shown, state: settlement.state };
      const reason = settlement.attempt?.reason;
      if (settlement.state === "sent") log.debug(about, "notification sent");
      else if (reason) log.warn({ ...about, reason }, "notification not accepted");
    } catch (error) {
      log.warn({ err: error, notification: notification.id }, "the outcome of a notification could not be kept");
    }
  }

  async #settlementOf(notification: Notification): Promise<Settlement> {
    const { signal } = this.#stop;
    const at = this.#now();
    let outcome: Outcome;
    try {
      const receiver = await this.deps.receivers.of(notification);
      if (!receiver) return { state: "stopped", reason: "The receiver is not configured any more." };
      outcome = await deliver(notification, receiver, this.deps, { now: at, signal });
    } catch (error) {
      // Given back at once when the gateway ends; otherwise store or read model are away, which costs no attempt.
      const isForgotten = at.getTime() - notification.createdAt.getTime() > UNREADABLE_MS;
      if (isForgotten && !signal.aborted) return { state: "stopped", reason: "The batch can't be read any more." };
      if (!signal.aborted) this.deps.log.debug({ err: error }, "the receiver of a notification cannot be read now");
      return { state: "waiting", nextAt: signal.aborted ? at : new Date(at.getTime() + OUTAGE_MS) };
    }
    return settlementAfter(notification, outcome, at, this.#now(), (this.deps.random ?? Math.random)());
  }

  async #untilDue(): Promise<number> {
    // With all slots taken, the end of an attempt wakes us.
    if (this.#lanes.full) return POLL_MS;
    const due = await this.deps.store.nextDue();
    if (!due) return POLL_MS;
    const ms = due.getTime() - this.#now().getTime();
    // Something that is due and has no room, or is claimed elsewhere.
    return ms <= 0 ? RETRY_MS : Math.min(POLL_MS, ms);
  }

  async #keepHouse(): Promise<void> {
    const now = this.#now().getTime();
    // A clock that was ahead and has been set back must not delay anything beyond its schedule.
    if (now >= this.#pruneAt || now < this.#pruneAt - PRUNE_MS) {
      await this.deps.store.bringForward(new Date(now + LONGEST_DELAY_MS));
      await this.deps.store.prune(new Date(now - KEPT_MS));
      this.#pruneAt = now + PRUNE_MS;
    }
  }
}

/** What follows from an attempt that began `at` and ended `now`. */
function settlementAfter(
  { attempts }: Pick<Notification, "attempts">,
  outcome: Outcome,
  at: Date,
  now: Date,
  random: number,
): Settlement {
  const { status, reason, response } = outcome;
  const attempt: Attempt = { at, durationMs: Math.max(0, now.getTime() - at.getTime()), status, reason, response };
  if (outcome.accepted) return { state: "sent", attempt };
  if (outcome.gone) return { state: "stopped", attempt, reason };
  const delayMs = outcome.final ? undefined : delayAfterAttempt(attempts.length + 1, outcome.retryAfterMs ?? 0, random);
  if (delayMs === undefined) return { state: "failed", attempt };
  return { state: "waiting", attempt, nextAt: new Date(now.getTime() + delayMs) };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true }),
  );
