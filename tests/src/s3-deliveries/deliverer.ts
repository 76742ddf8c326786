import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Job } from "./job.js";

const PROGRAM = fileURLToPath(new URL("../../dist/s3-deliveries/deliver-objects.js", import.meta.url));

export interface Deliverer {
  /** Resolves when deliveries begin. */
  readonly ready: Promise<void>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<"killed" | "done" | "failed">;
  kill(): void;
}

/** Starts a process that delivers. `onDelivered` is called for each output. */
export function startDeliverer(job: Job, onDelivered: (number: number) => void): Deliverer {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(job)], { stdio: ["pipe", "pipe", "inherit"] });
  let isDone = false;
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === "ready") resolve();
      else if (line === "done") isDone = true;
      else onDelivered(Number(line));
    });
    child.once("close", () => resolve());
  });
  const ended = once(child, "close").then(([, signal]) => {
    if (signal === "SIGKILL") return "killed";
    return isDone ? "done" : "failed";
  });
  return { ready, ended, kill: () => child.kill("SIGKILL") };
}
