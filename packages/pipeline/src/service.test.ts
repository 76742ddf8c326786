import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { readCommonConfig } from "@polyreel/platform/runtime";
import { startNatsServer } from "@polyreel/platform/stream";
import { expect, it } from "vitest";
import { openPlatform } from "./service.js";
import { startStage } from "./stage.js";

it("closes cleanly within seconds while the event stream is unavailable", async () => {
  const releasers = new Releasers();
  const folder = await mkdtemp(join(tmpdir(), "polyreel-service-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  try {
    const nats = releasers.use(await startNatsServer());
    const env = { NATS_URL: nats.url, POLYREEL_STORE: folder, LOG_LEVEL: "silent" };
    const platform = await openPlatform("test", readCommonConfig(env), { declaresStream: true });
    const { batches, publisher, stream } = platform;
    const held: string[] = [];
    const stage = startStage<"clip.requested">(
      {
        name: "held",
        fact: "clip.requested",
        over: "live-batches",
        slots: 1,
        handle: (_message, { signal }) =>
          new Promise((_, reject) => {
            held.push("one");
            signal.addEventListener("abort", () => reject(signal.reason));
          }),
        giveUp: async () => {},
      },
      platform,
    );
    await publisher.publishOnce("batch.submitted", { batchId: "b1" });
    await expect.poll(() => batches.ids).toEqual(["b1"]);
    await publisher.publish("clip.requested", { batchId: "b1", hash: "x" }, { id: "x" });
    await expect.poll(() => held).toEqual(["one"]);

    process.kill(nats.pid, "SIGKILL");
    await expect.poll(() => stream.broker.there).toBe(false);
    const began = performance.now();
    await stage.close();
    await platform.close();
    expect(performance.now() - began).toBeLessThan(5_000);
  } finally {
    await releasers.close();
  }
});

it("fails when the server refuses the connection permanently", async () => {
  const releasers = new Releasers();
  const folder = await mkdtemp(join(tmpdir(), "polyreel-service-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  try {
    const nats = await startNatsServer();
    const env = { NATS_URL: nats.url, POLYREEL_STORE: folder, LOG_LEVEL: "silent" };
    const service = new Releasers();
    service.use(await openPlatform("test", readCommonConfig(env), { declaresStream: true }));
    const port = new URL(nats.url).port;
    await nats.close();
    // Another server in its place, which requires credentials.
    const strict = spawn("nats-server", ["-a", "127.0.0.1", "-p", port, "--user", "somebody", "--pass", "else"], {
      stdio: "ignore",
    });
    releasers.add(async () => {
      strict.kill();
      await once(strict, "exit");
    });
    expect(await service.failed).toMatchObject({ code: "unavailable" });
    await service.close();
  } finally {
    await releasers.close();
  }
});
