import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { PartRequested, Stage } from "@polyreel/contract";
import type { Leases } from "@polyreel/platform/nats/lease.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import { traceparent } from "@polyreel/platform/telemetry/telemetry.js";
import type { WorkFolder } from "@polyreel/platform/work-folder.js";
import type { Notebook } from "../measured/notebook.js";
import { classOf } from "../measured/record.js";
import { WorkMeter } from "../measured/work-meter.js";
import { SAMPLE_RATE } from "../sound/pcm.js";
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
/** The store is asked this often for a part that another process makes. */
const ASK_AGAIN_MS = 500;

/** Makes parts once: not if the store has them, not twice in this process, and not while another process is at it. */
export class PartMaker {
  readonly #meter = new WorkMeter(availableParallelism());
  readonly #shared = new SharedWork<{ made: boolean } | undefined>();

  constructor(
    private readonly leases: Leases,
    private readonly folder: WorkFolder,
    private readonly publisher: Publisher,
    private readonly notebook: Pick<Notebook, "note">,
  ) {}

  /**
   * Whether the part was in the store already, or made for somebody else: who wanted it first is told that it is new.
   * `force`: it is made anew whether the store has it or not. While others make it, it is waited for outside the slot.
   */
  async ensure(
    parts: PartStore,
    key: { tenant: string; kind: PartKind; hash: string; force?: boolean },
    { signal, outsideSlot }: Pick<Work, "signal" | "outsideSlot">,
    onProgress: (fraction: number) => void,
    make: (making: Making) => Promise<MadePart>,
  ): Promise<boolean> {
    const { tenant, kind, hash, force = false } = key;
    const name = `${tenant}.${kind}.${hash}`;
    const shared = force ? `${name}.anew` : name;
    const done = async () => !force && (await parts.has(kind, hash));
    for (;;) {
      if (await done()) return true;
      const underWay = this.#shared.join(shared, signal);
      const making = (wanted: AbortSignal) =>
        this.#make(name, done, async (tempDir) => {
          const { payloadPath, index } = await make({ signal: wanted, tempDir, onProgress });
          const described = { ...index, traceparent: traceparent() };
          const options = { signal: wanted, replace: force };
          return (await parts.put(kind, hash, { path: payloadPath }, described, options)).reused;
        });
      const outcome = await (underWay ? outsideSlot(() => underWay) : this.#shared.do(shared, signal, making));
      if (outcome) {
        const reused = !outcome.made;
        outcome.made = false; // one making is told once, however many wanted it
        return reused;
      }
      await outsideSlot(() => this.#madeElsewhere(name, done, signal));
    }
  }

  /** Makes it while holding its lease; undefined where another process does. `put` tells whether another was faster. */
  async #make(
    name: string,
    done: () => Promise<boolean>,
    put: (tempDir: string) => Promise<boolean>,
  ): Promise<{ made: boolean } | undefined> {
    const outcome = { made: false };
    const held = await this.leases.tryHold(name, async () => {
      if (await done()) return;
      // A lease may be lost while the broker is away, and another be faster.
      outcome.made = !(await this.folder.use(put));
    });
    return held ? outcome : undefined;
  }

  /** Resolves when the process that makes it has done so, or gave up or died: then it is for others to make. */
  async #madeElsewhere(name: string, done: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    while (!(await done()) && !(await this.leases.isFree(name))) {
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }

  /** Answers a request for a part: makes it if need be, tells its progress, and says that it is ready. */
  async answer(
    parts: PartStore,
    request: PartRequested,
    kind: Exclude<PartKind, "pcm">,
    stage: Stage,
    work: Work,
    make: (making: Making) => Promise<MadePart>,
  ): Promise<void> {
    const { batchId, tenant, attempt, hash, force } = request;
    const { span } = work;
    let toldAt = 0;
    const tell = (fraction: number) => {
      if (fraction < 1 && Date.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = Date.now();
      this.publisher.progress({ batchId, stage, id: hash, fraction });
    };
    const measured = async (making: Making) => {
      const { made, coreSeconds } = await this.#meter.measure(() => make(making));
      const { size } = await stat(made.payloadPath);
      this.notebook.note(classOf(request), { coreSeconds, amount: amountOf(made.index), bytes: size });
      return made;
    };
    const reused = await this.ensure(parts, { tenant, kind, hash, force }, work, tell, measured);
    span.setAttributes({ "polyreel.part.hash": hash, "polyreel.part.reused": reused });
    const speech = kind === "voice" ? await parts.pcm("voice", hash) : undefined;
    const spoken = { speechSamples: speech?.samples ?? 0n, words: speech?.words ?? [] };
    const ready = { batchId, attempt, hash, reused, ...spoken };
    await this.publisher.publish(`${kind}.ready`, ready, { id: hash, attempt });
  }
}

/** What the cost of a part grows with: megapixels of all frames of a clip, seconds of sound. */
function amountOf({ kind }: PartIndexInit): number {
  if (kind?.case === "clip") {
    const { width = 0, height = 0, sizes = [] } = kind.value;
    return (sizes.length * width * height) / 1e6;
  }
  return Number(kind?.value?.samples ?? 0) / SAMPLE_RATE;
}
