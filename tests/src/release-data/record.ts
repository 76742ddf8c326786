import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { toJson } from "@bufbuild/protobuf";
import { BatchStatusSchema, CombinationStatusSchema, PictureFormat, type WatchBatchResponse } from "@polyreel/contract";
import { postgresPrograms, startPostgres } from "@polyreel/gateway/testing";
import { Releasers, VERSION } from "@polyreel/platform";
import { startNatsServer } from "@polyreel/platform/stream";
import { combinationsOf, runBatch, submit, watch } from "../testing/batches.js";
import { audio, bed, footage, text, video } from "../testing/blocks.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import type { ReleaseBatch } from "./release-data.js";

/**
 * Runs all services over `folder`, kills them with work half done, and leaves there
 *
 *   store/         sources, parts and specifications, with `nats/` (the stream)
 *   out/           what was delivered
 *   postgres.sql   the gateway's database
 *   late.mp4       a source that one batch lacked
 *   release.json   the release, the ids of its batches, and its own answers about those that ended
 */
export async function record(folder: string): Promise<void> {
  const programs = await postgresPrograms();
  if (!programs) throw new Error("PostgreSQL's programs are missing.");
  await using releasers = new Releasers();
  const [store, out, media] = ["store", "out", "media"].map((name) => join(folder, name)) as [string, string, string];
  for (const made of [store, media]) await mkdir(made);
  const postgres = releasers.use(await startPostgres(programs));
  const url = await postgres.database();
  const nats = releasers.use(await startNatsServer({ folder: join(store, "nats") }));
  const pipeline = releasers.use(
    await startPipeline(
      {
        POLYREEL_STORE: store,
        POLYREEL_OUTPUT: out,
        POLYREEL_STREAM_MAX_BYTES: String(1 << 26),
        POLYREEL_DELIVERIES: "1",
        DATABASE_URL: url,
      },
      { nats },
    ),
  );

  const ids = await runBatches(pipeline, media);
  const answers = Object.fromEntries(
    await Promise.all(
      (["finished", "failing"] as const).map(async (name) => [name, await answer(pipeline, ids[name])]),
    ),
  );
  await Promise.all(Object.values(pipeline.services).map((service) => service.kill("SIGKILL")));
  const dump = ["--no-owner", "--no-privileges", "--no-comments", url];
  const { stdout } = await promisify(execFile)(join(programs, "pg_dump"), dump, { maxBuffer: 1 << 28 });
  // Older versions of psql do not know the guards of the newest ones.
  await writeFile(join(folder, "postgres.sql"), stdout.replaceAll(/^\\(un)?restrict .*\n/gm, ""));
  await writeFile(join(folder, "release.json"), `${JSON.stringify({ version: VERSION, ids, answers }, null, 1)}\n`);
  await copyFile(join(media, "late.mp4"), join(folder, "late.mp4"));
  await nats.close();
  await rm(media, { recursive: true });
}

/** Two batches that end, and two that do not. */
async function runBatches(pipeline: Pipeline, media: string): Promise<Record<ReleaseBatch, string>> {
  // Small, and mostly silent: the archive is committed.
  const film = (name: string, seconds: number) =>
    makeFootage(media, `${name}.mp4`, { seconds, size: "64x36", sound: name === "a" });
  const [a, b, c, body] = await Promise.all(
    [film("a", 0.3), film("b", 0.4), film("c", 0.5), film("body", 0.2)].map(async (path) => put(pipeline, await path)),
  );
  const music = await put(pipeline, await makeBed(media, "bed.wav", 0.2));
  const late = createHash("sha256")
    .update(await readFile(await film("late", 0.7)))
    .digest("hex");
  const hook = (sources: Record<string, string | undefined>) =>
    video("hook", { choices: Object.entries(sources).map(([label, sha256]) => footage(label, sha256 ?? "")) });
  const bodies = (...labels: string[]) =>
    video("body", { choices: labels.map((label) => footage(label, (label === "body" ? body : b) ?? "")) });
  const bedBlock = audio("music", { loop: true, choices: [bed("chord", music)] });
  const into = (path: string) => [{ kind: { case: "folder" as const, value: { path } } }];
  const limit = { withinSeconds: 300 };

  const finished = await runBatch(
    pipeline,
    {
      name: "finished",
      blocks: [hook({ a, b }), text("headline", { over: ["hook"], choices: [{ text: "Hi" }] }), bedBlock],
      outputs: [
        { name: "video", to: into("finished") },
        {
          name: "poster",
          operation: { case: "thumbnail", value: { width: 20, format: PictureFormat.JPEG } },
          to: into("finished"),
        },
        { name: "draft", to: [{ kind: { case: "virtual", value: {} } }] },
      ],
    },
    limit,
  );
  const failing = await runBatch(
    pipeline,
    { name: "failing", blocks: [hook({ a, late }), bodies("body")], outputs: [{ to: into("failing") }] },
    limit,
  );

  // The uploader dies at its first delivery; all is rendered then.
  const blocks = [hook({ a, b, c }), bodies("body", "again"), bedBlock];
  const half = await submit(pipeline, { name: "half", blocks, outputs: [{ to: into("half") }] });
  await watch(pipeline, half, { ...limit, until: ({ update }) => update.case === "combinationDelivered" });
  await pipeline.services.uploader.kill("SIGKILL");
  const rendered = new Set<string | undefined>();
  const isRendered = ({ update }: WatchBatchResponse) => {
    if (update.case === "combinationRendered") rendered.add(update.value.combination?.id);
    return rendered.size === 6;
  };
  await watch(pipeline, half, { ...limit, until: isRendered });
  const { batch } = await pipeline.batches.getBatch({ batchId: half });
  if (batch?.combinations?.delivered === 6n) throw new Error("All are delivered: record it again.");
  await pipeline.services.planner.kill("SIGKILL");
  const unplanned = await submit(pipeline, {
    name: "unplanned",
    blocks: [hook({ a, c })],
    outputs: [{ to: into("unplanned") }],
  });
  return { finished: finished.batchId, failing: failing.batchId, half, unplanned };
}

async function answer(pipeline: Pipeline, batchId: string) {
  const { batch } = await pipeline.batches.getBatch({ batchId });
  if (!batch) throw new Error("No status.");
  const combinations = await combinationsOf(pipeline, batchId);
  return {
    batch: toJson(BatchStatusSchema, batch),
    combinations: combinations.map((one) => toJson(CombinationStatusSchema, one)),
  };
}
