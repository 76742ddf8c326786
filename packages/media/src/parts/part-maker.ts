import type { PartRequested, Stage } from "@polyreel/contract";
import type { Leases } from "@polyreel/platform/nats/lease.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import { traceparent } from "@polyreel/platform/telemetry/telemetry.js";
import type { WorkFolder } from "@polyreel/platform/work-folder.js";
import type { PartKind } from "./part-kind.js";
import type { PartIndexInit, PartStore } from "./part-store.js";
import { SharedWork } from "./shared-work.js";

/** What making a part gives: its payload, as a file in the folder it was given, and what describes it. */
export interface MadePart {
  readonly payloadPath: string;
  readonly index: PartIndexInit;
}

export interface Making {
  readonly signal: AbortSignal;
  readonly tempDir: string;
  /** 0 to 1. */
  readonly onProgress: (fraction: number) => void;
}

const PROGRESS_EVERY_MS = 250;

/** Makes parts once: not if the store has them, not twice in this process, and not while another process is at it. */
export class PartMaker {
  readonly #shared = new SharedWork<{ made: boolean }>();

  constructor(
    private readonly leases: Leases,
    private readonly folder: WorkFolder,
    private readonly publisher: Publisher,
  ) {}

  /**
   * Whether the part was in the store already, or made for somebody else: who wanted it first is told that it is new.
   * `force`: it is made anew whether the store has it or not.
   */
  async ensure(
    parts: PartStore,
    key: { tenant: string; kind: PartKind; hash: string; force?: boolean },
    signal: AbortSignal,
    onProgress: (fraction: number) => void,
    make: (making: Making) => Promise<MadePart>,
  ): Promise<boolean> {
    const { tenant, kind, hash, force = false } = key;
    const done = async () => !force && (await parts.has(kind, hash));
    if (await done()) return true;
    const name = `${tenant}.${kind}.${hash}`;
    const outcome = await this.#shared.do(force ? `${name}.anew` : name, signal, async (wanted) => {
      const outcome = { made: false };
      const options = { done, signal: wanted };
      await this.leases.hold(name, options, () =>
        this.folder.use(async (tempDir) => {
          const { payloadPath, index } = await make({ signal: wanted, tempDir, onProgress });
          const { reused } = await parts.put(
            kind,
            hash,
            { path: payloadPath },
            { ...index, traceparent: traceparent() },
            { signal: wanted, replace: force },
          );
          outcome.made = !reused; // a lease may be lost while the broker is away, and another be faster
        }),
      );
      return outcome;
    });
    const reused = !outcome.made;
    outcome.made = false; // one making is told once, however many wanted it
    return reused;
  }

  /** Answers a request for a part: makes it if need be, tells its progress, and says that it is ready. */
  async answer(
    parts: PartStore,
    request: PartRequested,
    kind: Exclude<PartKind, "pcm">,
    stage: Stage,
    { signal, span }: Work,
    make: (making: Making) => Promise<MadePart>,
  ): Promise<void> {
    const { batchId, tenant, attempt, hash, force } = request;
    let toldAt = 0;
    const tell = (fraction: number) => {
      if (fraction < 1 && Date.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = Date.now();
      this.publisher.progress({ batchId, stage, id: hash, fraction });
    };
    const reused = await this.ensure(parts, { tenant, kind, hash, force }, signal, tell, make);
    span.setAttributes({ "polyreel.part.hash": hash, "polyreel.part.reused": reused });
    const speech = kind === "voice" ? await parts.pcm("voice", hash) : undefined;
    const spoken = { speechSamples: speech?.samples ?? 0n, words: speech?.words ?? [] };
    const ready = { batchId, attempt, hash, reused, ...spoken };
    await this.publisher.publish(`${kind}.ready`, ready, { id: hash, attempt });
  }
}
