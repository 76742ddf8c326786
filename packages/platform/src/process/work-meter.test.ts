import { expect, it } from "vitest";
import { WorkMeter } from "./work-meter.js";

it("shares the cores among concurrent work", async () => {
  let now = 0;
  const meter = new WorkMeter(2, () => now);
  const ends: (() => void)[] = [];
  const making = () => meter.measure(() => new Promise<void>((resolve) => ends.push(resolve)));
  const alone = making();
  now += 1000; // One runs on two cores: one core second.
  const others = [making(), making(), making()];
  now += 4000; // Four run on two cores: two core seconds each.
  for (const end of ends) end();
  const measured = await Promise.all([alone, ...others]);
  expect(measured.map(({ coreSeconds }) => coreSeconds)).toEqual([3, 2, 2, 2]);
  now += 9000;
  const later = making();
  now += 1000;
  ends[4]?.();
  expect((await later).coreSeconds).toBe(1);
});

it("releases the share of failed work", async () => {
  let now = 0;
  const meter = new WorkMeter(1, () => now);
  await expect(meter.measure(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  const later = meter.measure(async () => {
    now += 500;
  });
  expect((await later).coreSeconds).toBe(0.5);
});
