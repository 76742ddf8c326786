import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Charge, cancelled, chargingAll, chargingProcess, whoIsCharged } from "@polyreel/platform/process";
import pLimit from "p-limit";
import { type Encoding, encodeAac } from "./aac.js";
import type { AacPackets } from "./adts.js";
import { measureSounds } from "./measure.js";
import { pcmBytes, SAMPLE_RATE } from "./pcm.js";
import type { Measured } from "./soundtrack-meter.js";
import { writePcm } from "./write-pcm.js";

/** Soundtracks per process. Starting it, and the decoder, takes 100 ms of CPU: as much as encoding 15 s of sound. */
const MAX_BATCH = 24;
/** Soundtracks in progress that keep a process busy: while it encodes some, as many others are mixed. */
export const SOUNDS_PER_PROCESS = 2 * MAX_BATCH;
/** Longer sound is encoded alone, while it is mixed: its PCM would fill the disk while waiting, and delay others. */
const LONG_SAMPLES = 60 * SAMPLE_RATE;

/** A sound to encode. */
export interface Mix {
  readonly samples: number;
  /** Its PCM, in pieces whose memory may be reused once the next one is requested. */
  readonly pieces: () => AsyncIterable<Float32Array>;
}

export interface Encoded {
  readonly aac: AacPackets;
  /** Measurement of the audible sound. */
  readonly measured: Measured;
}

export interface SoundEncoderOptions {
  /** Number of concurrent processes. */
  readonly processes: number;
  /** Folder for temporary files. */
  readonly tempDir: string;
}

interface EncodeOptions {
  readonly signal: AbortSignal;
  /** 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** A sound that waits for a process, or is being encoded. */
interface Member {
  readonly encoding: Encoding;
  readonly charges: readonly Charge[];
  readonly onProgress: ((fraction: number) => void) | undefined;
  readonly resolve: (encoded: Encoded) => void;
  readonly reject: (error: unknown) => void;
  group?: { readonly members: Set<Member>; readonly stop: AbortController };
}

/**
 * Encodes soundtracks and measures the result, several per process. A single one is encoded at once; those that arrive
 * while all processes are busy are batched for the next free one. Each is encoded and fails independently: the same
 * sound gives the same bytes in any batch, a failed batch is retried one by one, and cancelling one does not affect the
 * others.
 */
export class SoundEncoder {
  readonly #tempDir: string;
  readonly #mixing: ReturnType<typeof pLimit>;
  readonly #waiting: Member[] = [];
  #idle: number;

  constructor({ processes, tempDir }: SoundEncoderOptions) {
    this.#tempDir = tempDir;
    this.#idle = processes;
    // One after the other rather than all at once, so that the first is ready sooner.
    this.#mixing = pLimit(processes);
  }

  /** Throws PolyreelError `cancelled`, what the pieces throw, or what `runFfmpeg` throws. */
  async encode({ samples, pieces }: Mix, { signal, onProgress }: EncodeOptions): Promise<Encoded> {
    const path = join(this.#tempDir, `${randomUUID()}.pcm`);
    const long = samples > LONG_SAMPLES;
    const pcm = long ? { pieces: bytesOf(pieces()) } : { path };
    const encoding = { pcm, samples, adtsPath: `${path}.aac` };
    try {
      if (!long) await this.#mixing(() => chargingProcess(() => writePcm(pieces(), path, signal)));
      if (signal.aborted) throw cancelled(signal);
    } catch (error) {
      await removeFiles(encoding);
      throw signal.aborted ? cancelled(signal) : error;
    }
    return this.#join(encoding, signal, onProgress);
  }

  async #join(encoding: Encoding, signal: AbortSignal, onProgress: Member["onProgress"]): Promise<Encoded> {
    let leave = () => {};
    try {
      return await new Promise<Encoded>((resolve, reject) => {
        const member: Member = { encoding, charges: whoIsCharged(), onProgress, resolve, reject };
        leave = () => this.#leave(member, signal);
        signal.addEventListener("abort", leave, { once: true });
        this.#waiting.push(member);
        this.#start();
      });
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** A waiting sound, or one of several, is dropped at once; with the last one of a process, the process is stopped. */
  #leave(member: Member, signal: AbortSignal): void {
    const { group } = member;
    if (!group) {
      this.#waiting.splice(this.#waiting.indexOf(member), 1);
      removeFiles(member.encoding).then(() => member.reject(cancelled(signal)), member.reject);
      return;
    }
    group.members.delete(member);
    if (group.members.size > 0) member.reject(cancelled(signal));
    else group.stop.abort(cancelled(signal)); // Rejected when the process is gone.
  }

  #start(): void {
    while (this.#idle > 0 && this.#waiting.length > 0) {
      this.#idle--;
      void this.#encodeAll(this.#next()).finally(() => {
        this.#idle++;
        this.#start();
      });
    }
  }

  /** The next batch: the first, and short ones after it. */
  #next(): Member[] {
    const [first, ...others] = this.#waiting as [Member, ...Member[]];
    const alone = others.findIndex((other) => isLong(first) || isLong(other));
    const together = 1 + (alone === -1 ? others.length : alone);
    return this.#waiting.splice(0, Math.min(together, MAX_BATCH));
  }

  /** Encodes some in one process, and if that fails, each in its own. */
  async #encodeAll(members: readonly Member[]): Promise<void> {
    const group = { members: new Set(members), stop: new AbortController() };
    for (const member of members) member.group = group;
    const charges = members.flatMap((member) => member.charges);
    const encoding = chargingAll(charges, () => encodeTogether(members, group.stop.signal));
    const outcome = await encoding.catch((error: unknown) => ({ error }));
    if ("error" in outcome && members.length > 1 && !group.stop.signal.aborted) {
      for (const member of group.members) await this.#encodeAll([member]);
    }
    await Promise.allSettled(members.map(({ encoding }) => removeFiles(encoding)));
    for (const [i, { resolve, reject }] of members.entries()) {
      if ("error" in outcome)
        reject(outcome.error); // Those retried alone are settled already.
      else resolve(outcome[i] as Encoded);
    }
  }
}

const isLong = ({ encoding }: Member): boolean => "pieces" in encoding.pcm;

async function removeFiles({ pcm, adtsPath }: Encoding): Promise<void> {
  if ("path" in pcm) await rm(pcm.path, { force: true });
  await rm(adtsPath, { force: true });
}

async function encodeTogether(members: readonly Member[], signal: AbortSignal): Promise<Encoded[]> {
  const encodings = members.map(({ encoding }) => encoding);
  const aacs = await encodeAac(encodings, {
    signal,
    onProgress: (seconds) => {
      // Measuring takes about a third of the time.
      for (const { encoding, onProgress } of members) {
        onProgress?.(0.7 * Math.min(1, (seconds * SAMPLE_RATE) / encoding.samples));
      }
    },
  });
  const sounds = aacs.map((aac, i) => ({ aac, samples: (encodings[i] as Encoding).samples }));
  const measured = await measureSounds(sounds, `${encodings[0]?.adtsPath}.pcm`, signal);
  return aacs.map((aac, i) => ({ aac, measured: measured[i] as Measured }));
}

/** Copies: a pipe keeps references to some pieces while the next ones are made. */
async function* bytesOf(pieces: AsyncIterable<Float32Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield pcmBytes(piece.slice());
}
