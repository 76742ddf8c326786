import { createRequire } from "node:module";
import { PolyreelError } from "@polyreel/platform";
import { KeptProgram, type RunEnding } from "@polyreel/platform/process";
import type { PiperFailure, PiperJob, SpokenSamples } from "./piper-job.js";

/** The compiled program: a child process cannot run the TypeScript sources. */
const PROGRAM = createRequire(import.meta.url).resolve("@polyreel/tts/piper/worker/main.js");

/** Limits for one line: models of medium quality are five times faster than real time, the largest about as fast. */
const LIMITS = { cpuSeconds: 600, deadlineSeconds: 600, stallSeconds: 60 };
/** More than an hour of speech. */
const FILE_BYTES = 512 << 20;

const ANOTHER = "Get the model again, or use another voice.";
const SHORTER = "Use a shorter text, or a voice of lower quality.";

/** A program that speaks with models, a line at a time. */
export const startPiperWorker = (path = PROGRAM, limits = LIMITS): KeptProgram<PiperJob, SpokenSamples, PiperFailure> =>
  new KeptProgram({ path, limits, fileBytes: FILE_BYTES, tooLong, errorOf, endedBy });

const tooLong = (): PolyreelError =>
  new PolyreelError("precondition", { reason: "The voice takes too long to speak this text.", remedy: SHORTER });

function errorOf({ fault, cause: why }: PiperFailure): PolyreelError {
  const cause = new Error(why);
  if (fault === "changed") {
    const reason = "The voice's model was replaced meanwhile.";
    return new PolyreelError("unavailable", { reason, remedy: "Retry the batch." }, { cause, outage: false });
  }
  if (fault === "long") {
    const reason = "The voice speaks this text for more than an hour.";
    return new PolyreelError("precondition", { reason, remedy: SHORTER }, { cause });
  }
  const reason = "The voice's model is damaged, or no model of Piper.";
  return new PolyreelError("precondition", { reason, remedy: ANOTHER }, { cause });
}

/** SIGKILL and SIGTERM come from outside; a crash is the model's fault. */
function endedBy({ code, signal, stderr, missing }: RunEnding): PolyreelError {
  const cause = new Error(`The program that runs voices' models ended by ${signal ?? `code ${code}`}\n${stderr}`);
  if (missing || signal === "SIGTERM" || signal === "SIGKILL" || signal === "SIGINT") {
    const reason = `The program that runs voices' models was ended by ${signal ?? "the system"}.`;
    const remedy = "Try again; if it repeats, see what ends it: a machine short of memory does.";
    return new PolyreelError("unavailable", { reason, remedy }, { cause, outage: false });
  }
  const reason = "The voice's model crashes, or takes more memory than is allowed.";
  return new PolyreelError("precondition", { reason, remedy: ANOTHER }, { cause });
}
