import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { charge, charging, chargingAll, whoIsCharged } from "@polyreel/platform/process";
import { NEEDS_LINUX } from "@polyreel/platform/testing";
import { expect, it } from "vitest";
import { runFfmpeg } from "./run.js";

it("charges each account for its own work, also when running concurrently", async () => {
  const work = (seconds: number) =>
    charging(async () => {
      await new Promise(setImmediate);
      charge(seconds);
      await new Promise(setImmediate);
      charge(seconds);
    });
  const taken = await Promise.all([work(1), work(10)]);
  expect(taken.map(({ cpuSeconds }) => cpuSeconds)).toEqual([2, 20]);
  expect((await charging(async () => {})).cpuSeconds).toBe(0);
  charge(5); // Outside of any account.
});

it("divides shared work among its users, whoever started it", async () => {
  const waiting: ReturnType<typeof whoIsCharged>[] = [];
  const member = () =>
    charging(async () => {
      waiting.push(whoIsCharged());
      if (waiting.length === 2) await chargingAll(waiting.flat(), async () => charge(3));
    });
  const taken = await Promise.all([member(), member()]);
  expect(taken.map(({ cpuSeconds }) => cpuSeconds)).toEqual([1.5, 1.5]);
});

it("charges the CPU time of programs by purpose", NEEDS_LINUX, async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-charge-"));
  const encode = (name: string, seconds: number) =>
    charging(() =>
      runFfmpeg({
        inputs: [{ lavfi: `testsrc2=size=640x360:rate=30:duration=${seconds}` }],
        outputs: [{ file: join(folder, name), options: ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1"] }],
        signal: new AbortController().signal,
        deadlineSeconds: 120,
        maxOutputBytes: 1 << 28,
      }),
    );
  try {
    const [short, long] = await Promise.all([encode("short.mp4", 1), encode("long.mp4", 8)]);
    expect(short.cpuSeconds).toBeGreaterThan(0);
    expect(long.cpuSeconds).toBeGreaterThan(3 * short.cpuSeconds);
    expect(long.cpuSeconds).toBeGreaterThan(0.2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
