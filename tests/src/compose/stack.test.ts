import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { postgresPrograms } from "@polyreel/gateway/testing";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { Releasers } from "@polyreel/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPrometheus } from "../alerts/prometheus-server.js";
import { failuresOf, runBatch } from "../testing/batches.js";
import { audio, bed, footage, video, voice } from "../testing/blocks.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { PROMETHEUS } from "../testing/prometheus.js";
import { readBoards, WINDOW } from "./boards.js";
import { startStack } from "./stack.js";

const programs = await postgresPrograms();
const releasers = new Releasers();
let stack: Awaited<ReturnType<typeof startStack>>;

describe.skipIf(!programs)("docker-compose.yml as processes", () => {
  beforeAll(async () => {
    stack = releasers.use(await startStack(programs ?? ""));
  });
  afterAll(() => releasers.close());

  it("becomes ready, as its health checks ask", async () => {
    for (const [name, port] of Object.entries(stack.ops)) {
      const status = async (path: string) =>
        (await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined))?.status;
      await expect.poll(() => status("/ready"), { message: name, timeout: 90_000 }).toBe(200);
      expect(await status("/live"), name).toBe(200);
    }
  });

  it("renders a batch into the volume of videos, traces it, and its boards have data", async () => {
    const { folder } = stack;
    const clip = await put(stack, await makeFootage(folder, "hook.mp4", { size: "160x90" }));
    const chord = await put(stack, await makeBed(folder, "chord.wav"));
    const prometheus = PROMETHEUS && releasers.use(await startPrometheus(folder, "groups: []", stack.ops));
    // Calls and requests that fail belong to the boards, too.
    await expect(stack.batches.getBatch({ batchId: "none" })).rejects.toThrow();
    expect((await fetch(`${stack.url}/outputs/none/none`)).status).toBe(404);

    const { combinations } = await runBatch(stack, {
      name: "stack",
      blocks: [
        video("hook", { choices: [footage("hook", clip)] }),
        voice("say", {
          choices: [{ label: "line", text: "Go" }, { label: "quiet" }, { label: "odd", voice: "none", text: "Hi" }],
        }),
        audio("music", { choices: [bed("chord", chord)] }),
      ],
    });
    expect([...failuresOf(combinations).keys()]).toEqual(["hook/odd/chord"]);
    expect(combinations).toHaveLength(3);
    const files = (await readdir(stack.videos, { recursive: true })).filter(
      (name) => name.endsWith(".mp4") && !name.includes(RECEIPTS),
    );
    expect(files).toHaveLength(2);
    for (const file of files) await decode(join(stack.videos, file));
    if (prometheus) await expectData(prometheus.query);
  });

  it("ends in order, and has exported traces of all services by then", async () => {
    expect(await stack.stop()).toEqual([0, 0, 0, 0, 0]);
    for (const name of Object.keys(stack.ops)) expect(stack.traces.hasSpansOf(`polyreel-${name}`), name).toBe(true);
  });
});

/** The uploader's own folder beside the videos. */
const RECEIPTS = ".polyreel";

/** Panels of what only faults and a store on S3 bring. */
const EMPTY = [
  "Redelivered messages",
  "Lost connections to NATS",
  "Messages that the stream did not take",
  "S3 store: requests",
  "S3 store: bytes",
  "Local copies of the S3 store",
];

async function expectData(query: (expression: string) => Promise<unknown[]>): Promise<void> {
  const empty = async (): Promise<string[]> => {
    const titles: string[] = [];
    for (const { title, expressions } of await readBoards())
      for (const expression of expressions)
        if ((await query(expression.replaceAll(WINDOW, "1m"))).length === 0) titles.push(title);
    return titles;
  };
  // A rate needs two scrapes.
  await expect.poll(empty).toEqual(EMPTY);
}

/** Throws unless every packet can be decoded. */
const decode = (path: string) =>
  runFfmpeg({
    inputs: [{ file: path }],
    outputs: [{ file: "-", options: ["-f", "null"] }],
    signal: new AbortController().signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1,
  });
