import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { BatchState, CombinationState, FailureCode, FailureSchema } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOfRun, resumed } from "./rework/runs.js";
import { combinationsOf, endOf, failuresOf, runBatch, submit } from "./testing/batches.js";
import { footage, text, video } from "./testing/blocks.js";
import { visibleFiles } from "./testing/left-behind.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const WITHIN = { timeout: 60_000, interval: 50 };
const LISTS = ["manifest.csv", "manifest.jsonl"];

let root: string;
let pipeline: Pipeline;
let clip: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "polyreel-disks-"));
  for (const name of ["archive", "backup", "acme"]) await mkdir(join(root, name));
  await writeFile(
    join(root, "destinations.yaml"),
    `archive: {type: folder, path: archive}
backup: {type: folder, path: backup}
campaigns: {type: folder, path: acme, tenants: [acme]}
`,
  );
  pipeline = await startPipeline({ POLYREEL_DESTINATIONS: join(root, "destinations.yaml") });
  clip = await put(
    pipeline,
    await makeFootage(pipeline.folder, "hook.mp4", { seconds: 0.3, sound: false, size: "160x90" }),
  );
});
afterAll(async () => {
  await pipeline?.close();
  await rm(root, { recursive: true, force: true });
});

const inFolder = (destination: string, path = "") => ({
  kind: { case: "folder" as const, value: { destination, path } },
});
const OWN = inFolder("", "spring");
const batchTo = (to: object[], more: object = {}) => ({
  name: "spring",
  blocks: [
    video("hook", { choices: [footage("hook", clip)] }),
    text("title", { choices: ["a", "b"].map((label) => ({ label, text: label })) }),
  ],
  naming: "{title}",
  outputs: [{ name: "video", to }],
  ...more,
});
const filesIn = (...path: string[]) => visibleFiles(join(...path)).catch((): string[] => []);
const deliveriesOf = async (batchId: string) =>
  (await combinationsOf(pipeline, batchId)).flatMap(({ outputs }) => outputs);
const inodes = (...files: string[]) =>
  Promise.all(files.map(async (file) => (await stat(join(root, file), { bigint: true })).mtimeNs));

const expectGone = async (batchId: string) => {
  const code = () =>
    pipeline.batches.getBatch({ batchId }).then(
      () => undefined,
      (error: unknown) => ConnectError.from(error).code,
    );
  await expect.poll(code, WITHIN).toBe(Code.NotFound);
};

it("delivers to every destination, and leaves unchanged files when rendered again", async () => {
  const to = [OWN, inFolder("archive", "spring"), inFolder("backup")];
  const first = await runBatch(pipeline, batchTo(to));
  expect(failuresOf(first.combinations)).toEqual(new Map());
  expect(first.status.deliveries).toMatchObject({ total: 6n, delivered: 6n });
  expect(first.combinations[0]?.outputs.map(({ path }) => path)).toEqual([
    "spring/a.mp4",
    "archive:/spring/a.mp4",
    `backup:/${first.batchId}/a.mp4`,
  ]);
  const folders = [
    [pipeline.out, "spring"],
    [root, "archive/spring"],
    [root, "backup", first.batchId],
  ] as const;
  for (const folder of folders) {
    await expect.poll(() => filesIn(...folder), WITHIN).toEqual(["a.mp4", "b.mp4", ...LISTS]);
  }
  const kept = ["archive/spring/a.mp4", "archive/spring/b.mp4"];
  const before = await inodes(...kept);

  const second = await runBatch(pipeline, batchTo(to));
  expect(second.status.deliveries).toMatchObject({ delivered: 6n, failed: 0n });
  expect(await inodes(...kept)).toEqual(before);
  await expect.poll(() => filesIn(root, "backup", second.batchId), WITHIN).toEqual(["a.mp4", "b.mp4", ...LISTS]);

  for (const { batchId } of [first, second]) await pipeline.batches.deleteBatch({ batchId });
  for (const folder of [...folders, [root, "backup", second.batchId] as const]) {
    await expect.poll(() => filesIn(...folder), WITHIN).toEqual([]);
  }
  await expectGone(second.batchId);
});

it("lists, for each tenant, its own destinations", async () => {
  const { destinations } = await pipeline.destinations.listDestinations({});
  expect(destinations).toMatchObject([
    { name: "archive", type: "folder", address: join(root, "archive"), reachable: true },
    { name: "backup", type: "folder", reachable: true },
  ]);
  const theirs = await pipeline.destinations.listDestinations({ tenant: "acme" });
  expect(theirs.destinations.map(({ name }) => name)).toEqual(["archive", "backup", "campaigns"]);
});

it.each([
  ["an unknown one", inFolder("archve"), "folder.destination", 'There is no destination "archve" for this tenant.'],
  ["another tenant's", inFolder("campaigns"), "folder.destination", 'There is no destination "campaigns" for this'],
  [
    "one of another type",
    { kind: { case: "s3", value: { destination: "archive" } } },
    "s3.destination",
    'The destination "archive" is of the type folder, not s3.',
  ],
  [
    "an unknown one of a virtual output",
    { kind: { case: "virtual", value: { folder: { destination: "archve" } } } },
    "virtual.folder.destination",
    'There is no destination "archve" for this tenant.',
  ],
])("refuses a batch for %s before it encodes anything", async (_, destination, field, reason) => {
  const { batchId, status, combinations } = await runBatch(pipeline, batchTo([OWN, destination]));
  expect(status.combinations).toMatchObject({ delivered: 0n, failed: 2n });
  expect(status.clips).toMatchObject({ distinct: 0n });
  expect(combinations[0]?.failure).toMatchObject({
    ...{ code: FailureCode.INVALID_ARGUMENT, field: `outputs[0].to[1].${field}` },
    reason: expect.stringContaining(reason),
  });
  await pipeline.batches.deleteBatch({ batchId });
  await expectGone(batchId);
});

it("delivers a tenant's videos to its own destination, in its folder", async () => {
  const theirs = await put(pipeline, join(pipeline.folder, "hook.mp4"), "acme");
  const blocks = [video("hook", { choices: [footage("hook", theirs)] })];
  const batch = { ...batchTo([inFolder("campaigns", "spring")]), tenant: "acme", blocks, naming: "{hook}" };
  const { combinations } = await runBatch(pipeline, batch);
  expect(failuresOf(combinations)).toEqual(new Map());
  expect(combinations[0]?.path).toBe("campaigns:/tenants/acme/spring/hook.mp4");
  expect(await filesIn(root, "acme/tenants/acme/spring")).toContain("hook.mp4");
});

it("delivers the rest of a batch while one disk is away, and waits for that disk", async () => {
  const to = [OWN, inFolder("archive", "later"), inFolder("backup", "later")];
  const batchId = await submit(pipeline, batchTo(to, { name: "away", approve: true, outputs: [{ to }] }));
  const status = async () => (await pipeline.batches.getBatch({ batchId })).batch;
  await expect.poll(async () => (await status())?.state, WITHIN).toBe(BatchState.AWAITING_APPROVAL);
  await rename(join(root, "archive"), join(root, "unmounted"));
  await pipeline.batches.approveCombinations({ batchId });
  const delivered = async () => (await deliveriesOf(batchId)).map(({ state }) => state === CombinationState.DELIVERED);
  await expect.poll(delivered, WITHIN).toEqual([true, false, true, true, false, true]);
  await expect
    .poll(async () => (await status())?.waiting?.next?.reason, WITHIN)
    .toBe(`The output folder ${join(root, "archive")} is not mounted.`);
  expect(await filesIn(root)).not.toContain("archive");
  const { destinations } = await pipeline.destinations.listDestinations({});
  expect(destinations[0]).toMatchObject({
    ...{ name: "archive", reachable: false },
    failure: { reason: `The destination "archive" cannot be reached: ${join(root, "archive")}.` },
  });

  const refused = await runBatch(pipeline, batchTo([inFolder("archive")], { name: "refused" }));
  expect(refused.combinations[0]?.failure).toMatchObject({
    ...{ code: FailureCode.UNAVAILABLE, field: "outputs[0].to[0].folder" },
    remedy: "Mount its disk, or create the folder.",
  });

  await rename(join(root, "unmounted"), join(root, "archive"));
  await endOf(pipeline, batchId, { withinSeconds: 120 });
  expect(await delivered()).toEqual(Array(6).fill(true));
  await expect.poll(() => filesIn(root, "archive/later"), WITHIN).toEqual(["a.mp4", "b.mp4", ...LISTS]);

  await rename(join(root, "archive"), join(root, "unmounted"));
  await pipeline.batches.deleteBatch({ batchId });
  await expect
    .poll(async () => (await status())?.waiting?.next?.reason, WITHIN)
    .toMatch(/^The output folder .* is not mounted/);
  expect(await filesIn(root, "unmounted/later")).toContain("a.mp4");
  await rename(join(root, "unmounted"), join(root, "archive"));
  await expectGone(batchId);
  expect(await filesIn(root, "archive/later")).toEqual([]);
});

it("delivers virtual outputs to a destination later, and refuses one that the tenant may not use", async () => {
  const { batchId } = await runBatch(pipeline, batchTo([{ kind: { case: "virtual", value: {} } }], { name: "later" }));
  const refusal = await pipeline.batches
    .deliverCombinations({ batchId, destination: inFolder("campaigns", "x") })
    .then(() => expect.fail("it was not refused"), ConnectError.from);
  expect(refusal.code).toBe(Code.InvalidArgument);
  expect(refusal.findDetails(FailureSchema)).toMatchObject([
    {
      ...{ field: "destination.folder.destination", reason: 'There is no destination "campaigns" for this tenant.' },
      remedy: 'Its destinations are "archive", "backup".',
    },
  ]);
  const run = await resumed(
    pipeline.batches.deliverCombinations({ batchId, destination: inFolder("backup", "chosen") }),
  );
  const { combinations } = await endOfRun(pipeline, batchId, run);
  expect(combinations.map(({ path }) => path)).toEqual(["backup:/chosen/a.mp4", "backup:/chosen/b.mp4"]);
  await expect
    .poll(() => filesIn(root, "backup/chosen"), WITHIN)
    .toEqual(["a.mp4", "b.mp4", ...LISTS.map((name) => name.replace(".", `-${batchId}.`))]);
  await expectNothingLeft(pipeline);
});
