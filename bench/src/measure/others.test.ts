import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { coresOf, watchOthers } from "./others.js";

it("parses busy and idle time, including steal, and counts guests' time once", () => {
  const stat = "cpu  100 200 300 4000 500 60 70 80 90 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
  expect(coresOf(stat)).toEqual({ busySeconds: expect.closeTo(8.1), idleSeconds: 45 });
});

it("counts other processes' time, and not this process's", async () => {
  const share = watchOthers();
  // A child that has not ended counts as another process.
  const other = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  await sleep(1_500);
  const others = share();
  other.kill("SIGKILL");
  await once(other, "exit");
  expect(others).toBeGreaterThan(3);
  expect(share()).toBeLessThan(others);
});
