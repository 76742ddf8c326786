import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import type { PiperFailure, PiperJob, SpokenSamples } from "../piper-job.js";

// The only home of the runtime. One thread: lines are spoken at the same time by several programs.
env.wasm.numThreads = 1;
env.logLevel = "error";

/** An hour: more than any text lasts. */
const MAX_SECONDS = 3_600;

export class Fault extends Error {
  constructor(
    readonly fault: PiperFailure["fault"],
    cause: string,
  ) {
    super(cause);
  }
}

interface Loaded {
  readonly sha256: string;
  readonly session: InferenceSession;
}

/** Models take their size and more in memory, so only the last one is kept. */
let loaded: Loaded | undefined;

/** Speaks a line into a file; `alive` is called between its utterances. Throws Fault, or the runtime's error. */
export async function speak(job: PiperJob, alive: () => void): Promise<SpokenSamples> {
  await using file = await open(job.output, "w");
  let samples = 0;
  for (const { ids, pauseSeconds } of job.utterances) {
    const spoken = ids.length === 0 ? new Int16Array() : toPcm(await run(await sessionOf(job), ids, job));
    const pause = new Int16Array(Math.round(pauseSeconds * job.sampleRate));
    samples += spoken.length + pause.length;
    if (samples > MAX_SECONDS * job.sampleRate) throw new Fault("long", "more than an hour of speech");
    for (const part of [spoken, pause]) await file.writeFile(Buffer.from(part.buffer));
    alive();
  }
  return { samples };
}

async function sessionOf({ model, sha256 }: PiperJob): Promise<InferenceSession> {
  if (loaded?.sha256 === sha256) return loaded.session;
  await loaded?.session.release();
  loaded = undefined;
  const bytes = await readFile(model);
  if (createHash("sha256").update(bytes).digest("hex") !== sha256)
    throw new Fault("changed", "it has another checksum");
  // The bytes and not their path: the model cannot refer to other files.
  loaded = { sha256, session: await InferenceSession.create(bytes, { executionProviders: ["wasm"] }) };
  return loaded.session;
}

/** Without noise: with it, a text would be spoken differently each time. */
const NOISE_SCALE = 0;
const NOISE_WIDTH = 0;

async function run(
  session: InferenceSession,
  ids: readonly number[],
  { lengthScale, speaker }: PiperJob,
): Promise<Float32Array> {
  const whole = (values: readonly number[]) => BigInt64Array.from(values, BigInt);
  const outputs = await session.run({
    input: new Tensor("int64", whole(ids), [1, ids.length]),
    input_lengths: new Tensor("int64", whole([ids.length]), [1]),
    scales: new Tensor("float32", Float32Array.of(NOISE_SCALE, lengthScale, NOISE_WIDTH), [3]),
    ...(speaker !== undefined && { sid: new Tensor("int64", whole([speaker]), [1]) }),
  });
  const data = outputs[session.outputNames[0] ?? ""]?.data;
  if (!(data instanceof Float32Array)) throw new Fault("broken", "its output is no sound");
  return data;
}

const FULL_SCALE = 32_767;

function toPcm(sound: Float32Array): Int16Array<ArrayBuffer> {
  const pcm = new Int16Array(sound.length);
  for (const [i, value] of sound.entries()) {
    if (Number.isNaN(value)) throw new Fault("broken", "its output has values that are no numbers");
    pcm[i] = Math.round(Math.max(-1, Math.min(1, value)) * FULL_SCALE);
  }
  return pcm;
}
