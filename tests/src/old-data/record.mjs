import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { answersOf, loadRelease, makeDatabase, sqlDump, startGateway } from "./old-release.mjs";

/**
 * Runs a checked-out and built release over `folder`, and leaves there
 *
 *   store/              sources, parts and specifications, with `nats/` (the stream) and `database/` (PGlite), as `polyreel up`
 *                       has them; one gateway keeps its read model there,
 *   postgres.sql        and another one in PostgreSQL,
 *   out/                what was delivered,
 *   late.mp4            a source that one batch lacked,
 *   answers.json        and what the release itself answered about its batches at the end.
 *
 * At the end all services are killed with work half done: see the batches below.
 */
export async function record(checkout, folder) {
  const release = await loadRelease(checkout);
  const { contract, startPipeline, runBatch, submit, watch, makeFootage, makeBed, put } = release;
  const { footage, bed, video, audio, voice } = release.blocks;
  const [store, out, media] = ["store", "out", "media"].map((name) => join(folder, name));
  for (const made of [store, media]) mkdirSync(made, { recursive: true });
  const database = join(store, "database");
  await makeDatabase(checkout, database);

  const programs = await release.postgresPrograms();
  const postgres = await release.startPostgres(programs);
  const url = await postgres.database();
  const nats = await release.startNatsServer({ folder: join(store, "nats") });
  const env = {
    POLYREEL_STORE: store,
    POLYREEL_OUTPUT: out,
    POLYREEL_STREAM_MAX_BYTES: String(64 * 1024 ** 2),
    POLYREEL_DELIVERIES: "1",
    DATABASE_URL: url,
    LOG_LEVEL: "info",
  };
  const pipeline = await startPipeline(env, { nats });
  const second = await startGateway(checkout, {
    ...env,
    NATS_URL: nats.url,
    DATABASE_URL: "",
    GATEWAY_DATABASE: database,
  });
  const connection = await release.connect(nats.url);
  const { batches } = pipeline;
  const until = (batchId, kind, count) => {
    const ids = new Set();
    return watch(pipeline, batchId, {
      withinSeconds: 300,
      until: ({ update }) => {
        if (update.case === kind) ids.add(update.value.combination?.id);
        return ids.size >= count;
      },
    });
  };
  const ids = {};

  // Small, and mostly silent: the archive is committed.
  const film = (name, seconds, sound = false) => makeFootage(media, `${name}.mp4`, { seconds, size: "64x36", sound });
  const hooks = await Promise.all([film("a", 0.3, true), film("b", 0.4), film("c", 0.5)]);
  const [a, b, c] = await Promise.all(hooks.map((path) => put(pipeline, path)));
  const body = await put(pipeline, await film("body", 0.2));
  const music = await put(pipeline, await makeBed(media, "bed.wav", 0.2));
  const early = await put(pipeline, await film("early", 0.6));
  const latePath = await film("late", 0.7);
  const late = sha256Of(readFileSync(latePath));

  const hook = (...choices) => video("hook", { choices: choices.map(([label, sha256]) => footage(label, sha256)) });
  const bodyBlock = video("body", { choices: [footage("body", body)] });
  const musicBlock = audio("music", { loop: true, choices: [bed("chord", music)] });
  const into = (path) => ({ destination: { kind: { case: "folder", value: { path } } } });
  const at = (ms) => ({ seconds: 0n, nanos: ms * 1_000_000 });
  const pictures = { poster: at(100), contactSheet: { columns: 2, rows: 1, width: 40 } };

  // Finished, successfully or not.
  const run = async (name, batch) => {
    const { batchId } = await runBatch(pipeline, { name, ...batch }, { withinSeconds: 300, requestId: name });
    ids[name] = batchId;
  };
  await run("pictures", {
    blocks: [hook(["a", a], ["b", b]), musicBlock],
    outputs: [{ ...into("pictures"), ...pictures }],
  });
  await run("virtual", { blocks: [hook(["a", a], ["b", b]), bodyBlock], outputs: [{ virtual: true }] });
  await run("failing", { blocks: [hook(["a", a], ["late", late]), bodyBlock], outputs: [into("failing")] });
  await run("voices", {
    blocks: [
      hook(["c", c]),
      voice("speaker", { overrun: contract.Overrun.EXTEND, choices: [{ text: "Hi", voice: "rms" }] }),
    ],
  });
  await putOfTenant(pipeline, hooks[0], "acme");
  await run("acme", { tenant: "acme", blocks: [hook(["a", a])], outputs: [into("acme")] });
  await run("removable", { blocks: [hook(["b", b]), bodyBlock], outputs: [{ ...into("removable"), ...pictures }] });
  await run("deleted", { blocks: [hook(["a", a], ["b", b])], outputs: [into("deleted")] });
  await batches.deleteBatch({ batchId: ids.deleted });
  const isThere = (batchId) =>
    batches.getBatch({ batchId }).then(
      () => true,
      () => false,
    );
  while (await isThere(ids.deleted)) await sleep(100);
  delete ids.deleted;
  await run("written", { blocks: [hook(["b", b], ["c", c]), bodyBlock], outputs: [{ virtual: true }] });

  // Cancelled while waiting for its clips.
  await pipeline.services.renderer.kill("SIGKILL");
  ids.cancelled = await submit(pipeline, { name: "cancelled", blocks: [hook(["early", early])] }, "cancelled");
  await until(ids.cancelled, "combinationPlanned", 1);
  await batches.cancelBatch({ batchId: ids.cancelled });
  const renderer = pipeline.start("renderer");
  for await (const _ of batches.watchBatch({ batchId: ids.cancelled }, { timeoutMs: 120_000 }));

  // The uploader dies at its first delivery.
  const choices = [
    ["a", a],
    ["b", b],
    ["c", c],
  ];
  const twoBodies = video("body", { choices: [footage("body", body), footage("hook", b)] });
  ids.half = await submit(pipeline, {
    name: "half",
    blocks: [hook(...choices), twoBodies, musicBlock],
    outputs: [into("half")],
  });
  const killed = new Promise((resolve) => {
    const callback = () => pipeline.services.uploader.kill("SIGKILL").then(resolve);
    connection.subscribe(contract.factSubject("combination.delivered", ids.half), { max: 1, callback });
  });
  await killed;
  await until(ids.half, "combinationRendered", 6);

  // Rendered, with pictures still to be made; and deliveries of virtual outputs that were requested.
  ids.waiting = await submit(pipeline, {
    name: "waiting",
    blocks: [hook(["a", a], ["b", b]), bodyBlock],
    outputs: [{ ...into("waiting"), ...pictures }],
  });
  await until(ids.waiting, "combinationRendered", 2);
  const { resumption } = await batches.deliverCombinations({ batchId: ids.written, requestId: "write" });
  for await (const { update } of batches.watchBatch({
    batchId: ids.written,
    afterSequence: resumption.sequence - 1n,
  })) {
    if (update.case === "batchRequeued") break;
  }

  // Planned, with clips still to be encoded, one with pictures; and one that is only accepted.
  await renderer.kill("SIGKILL");
  ids.early = await submit(pipeline, {
    name: "early",
    blocks: [hook(["early", early], ["b", b]), musicBlock],
    outputs: [{ ...into("early"), ...pictures }],
  });
  await until(ids.early, "combinationPlanned", 2);
  await pipeline.services.planner.kill("SIGKILL");
  ids.unplanned = await submit(pipeline, {
    name: "unplanned",
    blocks: [hook(["a", a], ["c", c])],
    outputs: [into("unplanned")],
  });

  // Answers on which both gateways agree.
  const answers = await answersOf(pipeline.url, ids, release);
  while (JSON.stringify(await answersOf(second.url, ids, release)) !== JSON.stringify(answers)) await sleep(200);
  assertHalfDone(answers);
  await Promise.all([pipeline.services.gateway, second, pipeline.services.tts].map((one) => one.kill("SIGKILL")));
  await connection.close();
  const sources = { a, b, c, body, chord: music, late };
  const known = { ids, sources, clipEncoder: await release.clipEncoder(), answers };
  writeFileSync(join(folder, "answers.json"), `${JSON.stringify(known, null, 1)}\n`);
  writeFileSync(join(folder, "postgres.sql"), sqlDump(programs, url));
  writeFileSync(join(folder, "late.mp4"), readFileSync(latePath));
  await nats.close();
  await pipeline.close();
  await postgres.close();
  rmSync(media, { recursive: true });
}

async function putOfTenant({ sources }, path, tenant) {
  const bytes = readFileSync(path);
  const description = { tenant, sha256: sha256Of(bytes), sizeBytes: BigInt(bytes.length) };
  await sources.putSource(
    (async function* () {
      yield { part: { case: "description", value: description } };
      yield { part: { case: "chunk", value: bytes } };
    })(),
  );
}

const sha256Of = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Fails if the uploader was too quick to leave anything for others. */
function assertHalfDone({ half }) {
  const { delivered = "0" } = half.batch.combinations;
  if (Number(delivered) < 1 || Number(delivered) > 5)
    throw new Error(`${delivered} of 6 are delivered: make it again.`);
}
