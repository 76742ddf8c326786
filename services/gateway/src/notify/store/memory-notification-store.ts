import type { Notify } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { reaches, type Scope } from "../../call/call.js";
import type { StreamPosition } from "../../read-model/projection-store.js";
import type { Notification } from "../notification.js";
import { type NoticeBook, newNoticeBook } from "../record/notice-book.js";
import { noticesOf } from "../record/notices-of.js";
import { MAX_WAITING, withinCapacity } from "../record/within-capacity.js";
import type { Claim, NotificationStore, NotificationsQuery, Settlement } from "./notification-store.js";
import { ended, withAttempt } from "./settled.js";

/**
 * Notifications in memory, for gateways without a database: what waits is lost with the process, and nothing is sent
 * about events before its start.
 */
export class MemoryNotificationStore implements NotificationStore {
  readonly #books = new Map<string, NoticeBook>();
  readonly #notifications = new Map<string, Notification>();
  #stream = "";
  #sequence = 0;

  constructor(
    private readonly defaults: (tenant: string) => readonly Notify[],
    private readonly most = MAX_WAITING,
  ) {}

  async begin({ created, last }: StreamPosition): Promise<void> {
    this.#sequence = created === this.#stream ? Math.min(this.#sequence, last) : last;
    this.#stream = created;
  }

  async record(facts: readonly FactMessage[]): Promise<boolean> {
    let isNew = false;
    for (const message of facts) {
      const { name, batchId, sequence } = message;
      if (name === "batch.submitted") this.#open(message);
      if (name === "batch.deleted") this.#remove(batchId, sequence);
      if (sequence <= this.#sequence) continue;
      this.#sequence = sequence;
      const book = this.#books.get(batchId);
      if (!book || (message.generation !== 0 && message.generation !== book.generation)) continue;
      const { tenant } = book.submitted;
      const notices = noticesOf(message, book, this.defaults(tenant));
      if (notices.length === 0) continue;
      const { kept, dropped } = withinCapacity(notices, this.#waiting(tenant), this.most);
      book.unreported += dropped;
      for (const one of kept) {
        if (this.#notifications.has(one.id)) continue;
        isNew = true;
        const rest = { state: "waiting", attempts: [], nextAt: one.createdAt, endedAt: undefined, reason: "" } as const;
        this.#notifications.set(one.id, { ...one, ...rest });
      }
    }
    return isNew;
  }

  async lanesDue(now: Date, after: string, limit: number): Promise<string[]> {
    const lanes = new Set(this.#due(now).map(({ lane }) => lane));
    return [...lanes]
      .filter((lane) => lane > after)
      .sort((a, b) => (a < b ? -1 : 1))
      .slice(0, limit);
  }

  async claim(lane: string, now: Date, until: Date, limit: number): Promise<Claim[]> {
    const oldest = this.#due(now)
      .filter((one) => one.lane === lane)
      .sort((a, b) => a.nextAt.getTime() - b.nextAt.getTime())
      .slice(0, limit);
    return oldest.map((one) => {
      const notification = { ...one, nextAt: until };
      this.#notifications.set(one.id, notification);
      return { notification, until };
    });
  }

  async settle({ notification: { id }, until }: Claim, settlement: Settlement, now: Date): Promise<void> {
    const known = this.#notifications.get(id);
    if (known?.state !== "waiting" || known.nextAt.getTime() !== until.getTime()) return;
    const attempts = withAttempt(known.attempts, settlement.attempt);
    this.#notifications.set(
      id,
      settlement.state === "waiting"
        ? { ...known, attempts, nextAt: settlement.nextAt }
        : { ...known, attempts, ...ended(settlement.state, settlement.reason, now) },
    );
  }

  async stopReceiver(
    { batchId, generation, receiver }: Pick<Notification, "batchId" | "generation" | "receiver">,
    reason: string,
    now: Date,
  ): Promise<void> {
    const book = this.#books.get(batchId);
    if (book?.generation === generation) this.#books.set(batchId, { ...book, stopped: [...book.stopped, receiver] });
    for (const one of this.#notifications.values()) {
      const isSame = one.batchId === batchId && one.generation === generation && one.receiver === receiver;
      if (isSame && one.state === "waiting") {
        this.#notifications.set(one.id, { ...one, ...ended("stopped", reason, now) });
      }
    }
  }

  async nextDue(): Promise<Date | undefined> {
    const times = this.#all("waiting").map(({ nextAt }) => nextAt.getTime());
    return times.length > 0 ? new Date(times.reduce((a, b) => Math.min(a, b))) : undefined;
  }

  async bringForward(latest: Date): Promise<void> {
    for (const one of this.#all("waiting")) {
      if (one.nextAt > latest) this.#notifications.set(one.id, { ...one, nextAt: latest });
    }
  }

  async prune(endedBefore: Date): Promise<void> {
    for (const { id, endedAt } of this.#notifications.values()) {
      if (endedAt && endedAt < endedBefore) this.#notifications.delete(id);
    }
  }

  async find({ scope, batchId, states, after, limit }: NotificationsQuery): Promise<Notification[]> {
    const isAfter = ({ createdAt, id }: Notification) =>
      !after || createdAt < after.createdAt || (createdAt.getTime() === after.createdAt.getTime() && id < after.id);
    return [...this.#notifications.values()]
      .filter((one) => reaches(scope, one.tenant) && (batchId === "" || one.batchId === batchId))
      .filter((one) => (states.length === 0 || states.includes(one.state)) && isAfter(one))
      .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  async get(id: string, scope: Scope): Promise<Notification | undefined> {
    const found = this.#notifications.get(id);
    return found && reaches(scope, found.tenant) ? found : undefined;
  }

  async resend(id: string, now: Date): Promise<void> {
    const known = this.#notifications.get(id);
    const anew = { state: "waiting", attempts: [], nextAt: now, endedAt: undefined, reason: "" } as const;
    if (known) this.#notifications.set(id, { ...known, ...anew });
  }

  #open({ batchId, fact, sequence }: FactMessage<"batch.submitted">): void {
    if ((this.#books.get(batchId)?.generation ?? 0) < sequence) this.#books.set(batchId, newNoticeBook(fact, sequence));
  }

  #remove(batchId: string, sequence: number): void {
    if ((this.#books.get(batchId)?.generation ?? Number.POSITIVE_INFINITY) < sequence) this.#books.delete(batchId);
    for (const one of this.#notifications.values()) {
      if (one.batchId === batchId && one.generation < sequence) this.#notifications.delete(one.id);
    }
  }

  #due(now: Date): Notification[] {
    return this.#all("waiting").filter(({ nextAt }) => nextAt <= now);
  }

  #waiting(tenant: string): number {
    return this.#all("waiting").filter((one) => one.tenant === tenant).length;
  }

  #all(state: Notification["state"]): Notification[] {
    return [...this.#notifications.values()].filter((one) => one.state === state);
  }
}
