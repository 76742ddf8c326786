import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { PartIndexSchema, type PartRequested, type RequestedKind } from "@polyreel/contract";
import { publishPartFailed, type Work } from "@polyreel/pipeline";
import type { PolyreelError } from "@polyreel/platform";
import type { WorkFolder } from "@polyreel/platform/files";
import { type OnProgress, SharedWork } from "@polyreel/platform/flow";
import { count } from "@polyreel/platform/metrics";
import { charging, WorkMeter } from "@polyreel/platform/process";
import type { Leases, Publisher } from "@polyreel/platform/stream";
import { briefStep, step, traceparent } from "@polyreel/platform/telemetry";
import type { CostLog } from "./costs/cost-log.js";
import { existsFor } from "./exists-for.js";
import type { RequestedPartKind } from "./kinds/part-kind.js";
import { type PartKindName, partKinds } from "./kinds/part-kinds.js";
import { indexValue } from "./kinds/read-index.js";
import { classOf, sourcesOf } from "./kinds/recipes.js";
import { partAttributes } from "./part-attributes.js";
import type { PartIndexInit, PartStore } from "./part-store.js";

/** Result of making a part: its payload, as a file in the given folder, and its index. */
export interface MadePart {
  readonly payloadPath: string;
  readonly index: PartIndexInit;
  /** What making it took, where that is measured. */
  readonly coreSeconds?: number;
}

/** How a request got its part. */
interface Ensured {
  /** It was in the store already, or made for another request. */
  readonly reused: boolean;
  /** What making it took for this request; 0 if it is reused. */
  readonly coreSeconds: number;
}

const REUSED: Ensured = { reused: true, coreSeconds: 0 };

export interface Making {
  readonly signal: AbortSignal;
  readonly tempDir: string;
  readonly onProgress: OnProgress;
}

const PROGRESS_EVERY_MS = 250;
/** Interval of asking the store for a part that another process makes. */
const ASK_AGAIN_MS = 500;
/** The store is asked whether the part exists. */
const LATER_ATTEMPT = 2;
/** The span of a request whose part is made for another one, here or in another process. */
const SHARED = "wait for shared part";

/** Makes parts once: not if the store has them, not twice in this process, and not while another process makes them. */
export class PartMaker {
  readonly #meter = new WorkMeter(availableParallelism());
  readonly #shared = new SharedWork<Outcome | undefined>();

  constructor(
    private readonly leases: Leases,
    private readonly folder: WorkFolder,
    private readonly publisher: Publisher,
    private readonly notebook: Pick<CostLog, "note">,
  ) {}

  /**
   * Registers interest of a request in its part until disposed of, also while it waits for a slot. The making continues as
   * long as any request is interested, no matter which one started it, and its progress is published for each batch.
   */
  wanted({ batchId, tenant, hash, force }: PartRequested, kind: RequestedKind): AsyncDisposable {
    const { stage } = partKinds[kind];
    let publishedAt = 0;
    return this.#shared.want(sharedKey({ tenant, kind, hash, force }), (fraction) => {
      if (fraction < 1 && Date.now() - publishedAt < PROGRESS_EVERY_MS) return;
      publishedAt = Date.now();
      this.publisher.progress({ batchId, stage, id: hash, fraction });
    });
  }

  /**
   * Ensures that the part exists. Of several requests, only the first gets the part reported as made. `force` rebuilds it even if the store has it. Waits outside the slot while others make it.
   */
  async ensure(
    parts: PartStore,
    key: PartKey,
    { signal, outsideSlot }: Pick<Work, "signal" | "outsideSlot">,
    make: (making: Making) => Promise<MadePart>,
  ): Promise<Ensured> {
    const { kind, hash, force = false, attempt = LATER_ATTEMPT } = key;
    const name = leaseName(key);
    const shared = sharedKey(key);
    const done = async () => !force && (await existsFor({ hash, attempt }, kind, parts));
    for (;;) {
      if (await done()) return REUSED;
      const pending = this.#shared.join(shared, signal);
      const making = (wanted: AbortSignal, onProgress: OnProgress) =>
        this.#make(name, done, async (tempDir) => {
          const { payloadPath, index, coreSeconds = 0 } = await make({ signal: wanted, tempDir, onProgress });
          const sources = { sha256: [...key.sources] };
          const described = { ...index, traceparent: traceparent(), sources, coreSeconds };
          const options = { signal: wanted, replace: force };
          const { reused } = await step("store part", () =>
            parts.put(kind, hash, { path: payloadPath }, described, options),
          );
          return { made: !reused, coreSeconds };
        });
      const outcome = await (pending
        ? outsideSlot(() => briefStep(SHARED, () => pending))
        : this.#shared.do(shared, signal, making));
      if (outcome) {
        if (!outcome.made) return REUSED;
        outcome.made = false; // Only one of the requests reports it as new.
        return { reused: false, coreSeconds: outcome.coreSeconds };
      }
      await outsideSlot(() => briefStep(SHARED, () => this.#madeElsewhere(name, done, signal)));
    }
  }

  /** Makes it while holding its lease; undefined if another process holds it. */
  async #make(
    name: string,
    done: () => Promise<boolean>,
    put: (tempDir: string) => Promise<Outcome>,
  ): Promise<Outcome | undefined> {
    let outcome: Outcome = { made: false, coreSeconds: 0 };
    const held = await this.leases.tryHold(name, async () => {
      if (await done()) return;
      // The lease may be lost while the broker is unreachable, and another process be faster.
      outcome = await this.folder.use(put);
    });
    return held ? outcome : undefined;
  }

  /** Resolves when the process that makes it has finished, given up or died; then others may make it. */
  async #madeElsewhere(name: string, done: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    const isFree = () => this.leases.isFree(name).catch(() => false); // The broker is unreachable, for now.
    while (!(await done()) && !(await isFree())) {
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }

  /** Answers a request for a part: makes it if needed, and publishes that it is ready. `wanted` reports its progress. */
  async answer(
    parts: PartStore,
    { fact: request, sequence }: Request,
    kind: RequestedKind,
    work: Work,
    make: (making: Making) => Promise<MadePart>,
  ): Promise<void> {
    const { batchId, tenant, attempt, hash, force } = request;
    const { span } = work;
    span.setAttributes(partAttributes(kind, request));
    const { cost, ready: ownFields }: RequestedPartKind = partKinds[kind];
    const measured = async (making: Making) => {
      const {
        made: { made, cpuSeconds },
        coreSeconds: shared,
      } = await this.#meter.measure(() => charging(() => make(making)));
      // Charged CPU time is exact. Without it (some systems report none), the part's share of the time counts.
      const coreSeconds = cost.isCharged && cpuSeconds > 0 ? cpuSeconds : shared;
      const { size } = await stat(made.payloadPath);
      const index = indexValue(kind, create(PartIndexSchema, made.index));
      const amount = index ? cost.amount(index) : 0;
      span.setAttributes({ "polyreel.core.seconds": coreSeconds });
      this.notebook.note(classOf(request), { coreSeconds, amount, bytes: size });
      count("polyreel.parts.core.time", { kind }, coreSeconds);
      count("polyreel.parts.amount", { kind, unit: cost.unit }, amount);
      return { ...made, coreSeconds };
    };
    const sources = sourcesOf(request);
    const { reused, coreSeconds } = await this.ensure(
      parts,
      { tenant, kind, hash, attempt, force, sources },
      work,
      measured,
    );
    count("polyreel.parts", { kind, outcome: reused ? "reused" : "made" });
    span.setAttributes({ "polyreel.part.reused": reused });
    const index = ownFields && (await parts.describe(kind, hash));
    const ready = { batchId, attempt, hash, reused, encodeSeconds: coreSeconds, ...(index && ownFields(index)) };
    await this.publisher.publish(`${kind}.ready`, ready, { id: answerId(hash, sequence), attempt });
  }

  /** Publishes the failure of a requested part. */
  async fail({ fact, sequence }: Request, kind: RequestedKind, { failure }: PolyreelError): Promise<void> {
    count("polyreel.parts", { kind, outcome: "failed" });
    await publishPartFailed(this.publisher, kind, fact, failure, answerId(fact.hash, sequence));
  }
}

/** `made`: and not by a process that was faster. */
interface Outcome {
  made: boolean;
  readonly coreSeconds: number;
}

/** A request for a part, and its position in the stream. */
interface Request {
  readonly fact: PartRequested;
  readonly sequence: number;
}

/**
 * Message id of the answer to a request. It includes the request's position: an attempt may request a lost part again, and
 * the answer must not be deduplicated against an earlier one.
 */
const answerId = (hash: string, sequence: number): string => `${hash}.${sequence}`;

interface PartKey {
  readonly tenant: string;
  readonly kind: PartKindName;
  readonly hash: string;
  readonly force?: boolean;
  /** Of a request for it. */
  readonly attempt?: number;
  /** Hashes of its sources. */
  readonly sources: readonly string[];
}

const leaseName = ({ tenant, kind, hash }: Omit<PartKey, "sources">): string => `${tenant}.${kind}.${hash}`;

/** Requests that accept an existing part do not wait for a forced rebuild. */
const sharedKey = (key: Omit<PartKey, "sources">): string => (key.force ? `${leaseName(key)}.forced` : leaseName(key));
