import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { NEEDS_LINUX } from "../testing/needs.js";
import { signalGroup } from "./orphans.js";
import { Watchdog, type Watched } from "./watchdog.js";

const never = new AbortController().signal;
const remedies = { late: "Wait longer.", stalled: "Look at its output." };

/** Runs a shell script under a watchdog; returns its ending, the reason for stopping it, and the child. */
async function watch(script: string, limits: Partial<Watched>, meanwhile?: (dog: Watchdog) => void) {
  const child = spawn("sh", ["-c", script], { detached: true, stdio: "ignore" });
  const pid = child.pid ?? 0;
  const ended = once(child, "close");
  const common = { program: "sh", signal: never, deadlineSeconds: 30, stallSeconds: 30, progress: "reported" as const };
  using dog = new Watchdog({ ...common, pid, remedies, ...limits });
  meanwhile?.(dog);
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  return { signal, reason: dog.stopped.reason, child };
}

const groupIsGone = ({ pid = 0 }: ChildProcess): boolean => {
  try {
    process.kill(-pid, 0);
    return false;
  } catch {
    return true;
  }
};

it("lets a program end by itself", async () => {
  const { signal, reason } = await watch("exit 0", {});
  expect(signal).toBe(null);
  expect(reason).toBe(undefined);
});

it.each([
  ["its deadline", { deadlineSeconds: 0.2 }, /longer than 0 s/, "Wait longer."],
  ["a stall", { stallSeconds: 0.2 }, /no progress for 0 s/, "Look at its output."],
  ["its signal", { signal: AbortSignal.timeout(200) }, /cancelled/, ""],
] as const)("ends a program and what it started for %s", async (_what, limits, why, remedy) => {
  const { signal, reason, child } = await watch("sleep 60 & sleep 60", limits);
  expect(signal).toBe("SIGTERM");
  expect(reason.message).toMatch(why);
  expect(reason.failure.remedy).toBe(remedy);
  await expect.poll(() => groupIsGone(child)).toBe(true);
});

it("kills a program that ignores SIGTERM", async () => {
  const began = Date.now();
  const { signal, child } = await watch("trap '' TERM; while :; do sleep 0.1; done", { deadlineSeconds: 0.3 });
  expect(signal).toBe("SIGKILL");
  expect(Date.now() - began).toBeGreaterThan(2_000);
  await expect.poll(() => groupIsGone(child)).toBe(true);
});

it("reports the first cause", async () => {
  const { reason } = await watch("sleep 60", { deadlineSeconds: 0.1 }, (dog) => {
    dog.stop(new Error("first"));
    dog.stop(new Error("second"));
  });
  expect(reason.message).toBe("first");
});

it("counts reports as progress", async () => {
  const { reason } = await watch("sleep 1", { stallSeconds: 0.5 }, (dog) => {
    const timer = setInterval(() => dog.moved(), 50);
    dog.stopped.addEventListener("abort", () => clearInterval(timer));
    setTimeout(() => clearInterval(timer), 1_000);
  });
  expect(reason).toBe(undefined);
});

it("counts CPU usage as progress of a program without reports", NEEDS_LINUX, async () => {
  const busy = await watch("while :; do :; done", { stallSeconds: 0.3, progress: "processor", deadlineSeconds: 1.5 });
  expect(busy.reason.message).toMatch(/longer than/);
  const idle = await watch("sleep 60", { stallSeconds: 0.5, progress: "processor" });
  expect(idle.reason.message).toMatch(/no progress/);
});

it("ignores a group that has ended already", () => {
  expect(() => signalGroup(2 ** 22 - 1, "SIGTERM")).not.toThrow();
});
