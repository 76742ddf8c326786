import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { readCommonConfig } from "@polyreel/platform/runtime";
import { startNatsServer } from "@polyreel/platform/stream";
import { afterEach, expect, it } from "vitest";
import { openPlatform } from "./service.js";
import { startStage } from "./stage.js";

let releasers = new Releasers();
afterEach(async () => {
  await releasers.close();
  releasers = new Releasers();
});

/** A service whose handler lets an error escape: from an unhandled event, or an unhandled promise. */
const service = (careless: string) => `
  import { EventEmitter } from "node:events";
  import { readCommonConfig } from "@polyreel/platform/runtime";
  import { runProcess } from "@polyreel/platform";
  import { composed } from "@polyreel/platform";
  import { startStage } from "@polyreel/pipeline";
  import { openPlatform } from "@polyreel/pipeline";
  await runProcess("careless", () => composed(async (releasers) => {
    const platform = releasers.use(await openPlatform("careless", readCommonConfig(process.env)));
    const handle = (_message, { signal }) => new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      setImmediate(() => ${careless});
    });
    const options = { name: "held", fact: "clip.requested", over: "live-batches", slots: 1, handle, giveUp: async () => {} };
    releasers.use(startStage(options, platform));
    return releasers;
  }));
`;

it.each<[string, string]>([
  ["an unhandled error event", 'new EventEmitter().emit("error", new Error("escaped"))'],
  ["an unhandled rejection", 'void Promise.reject(new Error("escaped"))'],
])(
  "stops a service cleanly after %s: it logs the batch, and returns its messages",
  { timeout: 60_000 },
  async (_, careless) => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-stray-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    const nats = releasers.use(await startNatsServer());
    const env = { NATS_URL: nats.url, POLYREEL_STORE: folder, LOG_LEVEL: "silent" };
    const platform = releasers.use(await openPlatform("test", readCommonConfig(env), { declaresStream: true }));
    await platform.publisher.publishOnce("batch.submitted", { batchId: "b1" });
    await platform.publisher.publish("clip.requested", { batchId: "b1", hash: "x" }, { id: "x" });

    const child = spawn(process.execPath, ["--input-type=module", "-e", service(careless)], {
      cwd: import.meta.dirname,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    releasers.add(() => child.kill("SIGKILL"));
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    const [exitCode] = await once(child, "exit");
    expect(exitCode).toBe(1);
    const lines = printed.split("\n").flatMap((line) => (line ? [JSON.parse(line)] : []));
    expect(lines).toEqual([
      expect.objectContaining({
        level: "fatal",
        service: "careless",
        batch: "b1",
        stage: "held",
        inWork: [{ batch: "b1", stages: ["held"] }],
        err: expect.objectContaining({ message: "escaped" }),
      }),
    ]);

    // Long before the ack wait of 20 s.
    const began = performance.now();
    const got = new Promise<string>((resolve) => {
      const handle = async ({ fact }: { fact: { hash: string } }) => resolve(fact.hash);
      const options = { name: "held", over: "live-batches", slots: 1, giveUp: async () => {} } as const;
      releasers.use(startStage<"clip.requested">({ ...options, fact: "clip.requested", handle }, platform));
    });
    expect(await got).toBe("x");
    expect(performance.now() - began).toBeLessThan(10_000);
  },
);

it("continues when the reader of its log disconnects", { timeout: 30_000 }, async () => {
  const script = `
    import { runProcess } from "@polyreel/platform";
    import { createLog } from "@polyreel/platform/runtime";
    const log = createLog("unread", "info", process.stdout);
    await runProcess("unread", async () => {
      let lines = 0;
      const timer = setInterval(() => { log.info("a line"); if (++lines === 20) process.stderr.write("still running\\n"); }, 20);
      return { close: async () => clearInterval(timer) };
    });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "pipe"],
  });
  releasers.add(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  child.stdout.once("data", () => child.stdout.destroy());
  const output = Promise.race([once(child.stderr, "data").then(String), ended.then((end) => `ended ${end}`)]);
  expect(await output).toBe("still running\n");
  child.kill("SIGTERM");
  expect((await ended)[0]).toBe(0);
});
