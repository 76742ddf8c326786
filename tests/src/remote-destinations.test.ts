import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchState, CombinationState, FailureCode, MediaContainer } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import {
  NEEDS_SEAWEED,
  openTestBucket,
  type S3Server,
  startSeaweed,
  type TestBucket,
} from "@polyreel/platform/testing";
import { RecordingDrive } from "@polyreel/uploader/drive/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endOfRun, resumed } from "./rework/runs.js";
import { combinationsOf, endOf, failuresOf, runBatch, submit } from "./testing/batches.js";
import { footage, text, video } from "./testing/blocks.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const WITHIN = { timeout: 60_000, interval: 50 };
const FOLDER = { kind: { case: "folder" as const, value: { path: "spring" } } };
const S3 = {
  kind: {
    case: "s3" as const,
    value: { destination: "ads", prefix: "spring", cacheControl: "max-age=60", metadata: { campaign: "spring" } },
  },
};
const DRIVE = { kind: { case: "drive" as const, value: { destination: "team", path: "spring" } } };
const FILES = ["a.mp4", "b.mp4", "manifest.csv", "manifest.jsonl"].map((name) => `spring/${name}`);

describe("a batch for a folder, a bucket and a drive", NEEDS_SEAWEED, () => {
  const releasers = new Releasers();
  let folder: string;
  let server: S3Server;
  let bucket: TestBucket;
  let drive: RecordingDrive;
  let pipeline: Pipeline;
  let clip: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-remote-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    server = releasers.use(await startSeaweed());
    bucket = await openTestBucket(server, { bucket: "ads", prefix: "campaigns" });
    drive = releasers.use(await RecordingDrive.start());
    await writeKeys(server.keys.secretAccessKey);
    await writeFile(join(folder, "drive.json"), drive.userCredentials());
    await writeFile(
      join(folder, "destinations.yaml"),
      `ads: {type: s3, address: "s3://ads/campaigns?endpoint=${server.endpoint}&publicEndpoint=${server.endpoint}", credentials: ads-keys}
team: {type: drive, credentials: drive.json, folder: {path: Ads/2026}, endpoint: "${drive.url}"}
`,
    );
    await writeFile(
      join(folder, "buckets.yaml"),
      `footage: {address: "s3://footage/raw?endpoint=${server.endpoint}", credentials: ads-keys}
acme: {address: "s3://acme?endpoint=${server.endpoint}", credentials: ads-keys, tenants: [acme]}
`,
    );
    pipeline = releasers.use(
      await startPipeline({
        POLYREEL_DESTINATIONS: join(folder, "destinations.yaml"),
        POLYREEL_SOURCE_BUCKETS: join(folder, "buckets.yaml"),
      }),
    );
    const path = await makeFootage(pipeline.folder, "hook.mp4", { seconds: 0.3, sound: false, size: "160x90" });
    const footageBucket = await openTestBucket(server, { bucket: "footage", prefix: "raw" });
    await footageBucket.write("a hook.mp4", await readFile(path));
    clip = await put(pipeline, path);
  });
  afterAll(() => releasers.close());

  const writeKeys = (secret: string) =>
    writeFile(
      join(folder, "ads-keys"),
      `aws_access_key_id = ${server.keys.accessKeyId}\naws_secret_access_key = ${secret}\n`,
    );
  const batch = (more: object = {}) => ({
    name: "spring",
    blocks: [
      video("hook", { choices: [footage("hook", clip)] }),
      text("title", { choices: ["a", "b"].map((label) => ({ label, text: label })) }),
    ],
    naming: "{title}",
    outputs: [{ name: "video", to: [FOLDER, S3, DRIVE] }],
    ...more,
  });
  const objects = async () => (await bucket.keys()).filter((key) => !key.includes(".polyreel/")).sort();
  const onDrive = () =>
    drive
      .user()
      .files()
      .map((path) => path.replace("Ads/2026/", ""))
      .sort();
  const statesOf = async (batchId: string) =>
    (await combinationsOf(pipeline, batchId)).flatMap(({ outputs }) => outputs.map(({ state }) => state));
  const statusOf = async (batchId: string) => (await pipeline.batches.getBatch({ batchId })).batch;

  it("has the same files in all of them, unchanged when rendered again, and removed with it", async () => {
    const first = await runBatch(pipeline, batch());
    expect(failuresOf(first.combinations)).toEqual(new Map());
    expect(first.status.deliveries).toMatchObject({ total: 6n, delivered: 6n });
    const [a] = first.combinations;
    expect(a?.outputs.map(({ path }) => path)).toEqual(["spring/a.mp4", "ads:/spring/a.mp4", "team:/spring/a.mp4"]);
    expect(a?.outputs.map(({ location }) => location)).toEqual([
      "",
      "s3://ads/campaigns/spring/a.mp4",
      expect.stringMatching(/^https:\/\/drive\.google\.com\/file\/d\/.+/),
    ]);
    await expect.poll(objects, WITHIN).toEqual(FILES);
    await expect.poll(onDrive, WITHIN).toEqual(FILES);
    for (const name of ["spring/a.mp4", "spring/b.mp4"]) {
      const bytes = await readFile(join(pipeline.out, name));
      expect((await bucket.read(name)).equals(bytes)).toBe(true);
      expect(drive.user().at(`Ads/2026/${name}`).bytes?.equals(bytes)).toBe(true);
    }
    expect(await bucket.headers("spring/a.mp4")).toMatchObject({
      "content-type": "video/mp4",
      "cache-control": "max-age=60",
      "x-amz-meta-campaign": "spring",
    });
    await linksTo(first.batchId, a?.id ?? "");
    const versions = async () => [
      (await bucket.headers("spring/a.mp4"))?.["last-modified"],
      drive.user().version("Ads/2026/spring/a.mp4"),
    ];
    const before = await versions();

    const second = await runBatch(pipeline, batch());
    expect(second.status.deliveries).toMatchObject({ delivered: 6n, failed: 0n });
    expect(await versions()).toEqual(before);

    for (const { batchId } of [first, second]) await pipeline.batches.deleteBatch({ batchId });
    await expect.poll(objects, WITHIN).toEqual([]);
    await expect.poll(onDrive, WITHIN).toEqual([]);
  });

  it("has the same joined WebM, storyboard and cues in all of them", async () => {
    const to = [FOLDER, S3, DRIVE];
    const settings = { container: MediaContainer.WEBM, shortSide: 64 };
    const outputs = [
      { name: "web", operation: { case: "transcode" as const, value: settings }, to },
      { name: "board", operation: { case: "storyboard" as const, value: { count: 4 } }, to },
    ];
    const { batchId, status, combinations } = await runBatch(pipeline, batch({ outputs }));
    expect(failuresOf(combinations)).toEqual(new Map());
    expect(status.deliveries).toMatchObject({ total: 18n, delivered: 18n });
    for (const suffix of ["webm", "storyboard.jpg", "storyboard.vtt"]) {
      const name = `spring/a.${suffix}`;
      const bytes = await readFile(join(pipeline.out, name));
      expect((await bucket.read(name)).equals(bytes)).toBe(true);
      expect(drive.user().at(`Ads/2026/${name}`).bytes?.equals(bytes)).toBe(true);
    }
    await pipeline.batches.deleteBatch({ batchId });
    await expect.poll(objects, WITHIN).toEqual([]);
  });

  /** A link to an object leads to its bucket; to a file in a folder or on Drive, to the gateway. */
  async function linksTo(batchId: string, combinationId: string): Promise<void> {
    const { combinations } = await pipeline.batches.listCombinations({ batchId, links: true });
    const { combination } = await pipeline.batches.getCombination({ batchId, combinationId });
    const bytes = await readFile(join(pipeline.out, "spring/a.mp4"));
    for (const outputs of [combinations[0]?.outputs, combination?.outputs]) {
      const links = outputs?.map(({ link }) => link) ?? [];
      expect(links.map((link) => new URL(link).origin)).toEqual([pipeline.url, server.endpoint, pipeline.url]);
      for (const link of links) expect(Buffer.from(await (await fetch(link)).arrayBuffer()).equals(bytes)).toBe(true);
      expect((await fetch(links[1]?.replace("a.mp4", "b.mp4") ?? "")).status).toBe(403);
    }
    const target = { case: "output" as const, value: { batchId, combinationId } };
    const { url } = await pipeline.links.createLink({ target, lifetime: { seconds: 60n } });
    expect(url).toMatch(new RegExp(`^${server.endpoint}/ads/campaigns/spring/a\\.mp4\\?.*X-Amz-Expires=(60|59)`));
  }

  it("delivers the rest while a secret is wrong, says so, and continues when it is right", async () => {
    const batchId = await submit(pipeline, batch({ name: "secret", approve: true }));
    await expect.poll(async () => (await statusOf(batchId))?.state, WITHIN).toBe(BatchState.AWAITING_APPROVAL);
    await writeKeys("not-the-secret");
    await expect
      .poll(async () => {
        const { destinations } = await pipeline.destinations.listDestinations({});
        return destinations.find(({ name }) => name === "ads")?.reachable;
      }, WITHIN)
      .toBe(false);
    await pipeline.batches.approveCombinations({ batchId });
    const { DELIVERED } = CombinationState;
    const delivered = async () => (await statesOf(batchId)).map((state) => state === DELIVERED);
    await expect.poll(delivered, WITHIN).toEqual([true, false, true, true, false, true]);
    const waiting = async () => (await statusOf(batchId))?.waiting?.next?.reason;
    await expect.poll(waiting, WITHIN).toMatch(/destination "ads".*secret access key is wrong/);
    await writeKeys(server.keys.secretAccessKey);
    await endOf(pipeline, batchId, { withinSeconds: 120 });
    expect(await delivered()).toEqual(Array(6).fill(true));
    await expect.poll(objects, WITHIN).toEqual(FILES);
    await pipeline.batches.deleteBatch({ batchId });
    await expect.poll(objects, WITHIN).toEqual([]);
  });

  it("fails only the deliveries of a revoked consent, and delivers them on retry", async () => {
    const batchId = await submit(pipeline, batch({ name: "revoked", approve: true }));
    await expect.poll(async () => (await statusOf(batchId))?.state, WITHIN).toBe(BatchState.AWAITING_APPROVAL);
    drive.tokens.revoke();
    await pipeline.batches.approveCombinations({ batchId });
    const { status, combinations } = await endOf(pipeline, batchId, { withinSeconds: 120 });
    expect(status.deliveries).toMatchObject({ delivered: 4n, failed: 2n });
    for (const { outputs } of combinations) {
      const failed = outputs.filter(({ state }) => state === CombinationState.FAILED);
      expect(failed).toMatchObject([
        {
          failure: {
            code: expect.any(Number),
            reason: expect.stringContaining('"team"'),
            remedy: expect.stringContaining("polyreel drive login"),
          },
        },
      ]);
      expect(failed[0]?.failure?.code).not.toBe(FailureCode.UNSPECIFIED);
    }
    await writeFile(join(folder, "drive.json"), drive.userCredentials(drive.tokens.grant()));
    await endOfRun(pipeline, batchId, await resumed(pipeline.batches.retryBatch({ batchId })));
    expect(await statesOf(batchId)).toEqual(Array(6).fill(CombinationState.DELIVERED));
    await expect.poll(onDrive, WITHIN).toEqual(FILES);
  });

  it("reads sources and inputs from the buckets of its tenant, and names each one that it cannot read", async () => {
    const from = (url: string) => ({ location: { case: "url" as const, value: url } });
    const choice = (label: string, url: string) => ({ label, media: { case: "source" as const, value: from(url) } });
    const choices = [
      choice("", "s3://footage/raw/a hook.mp4"),
      choice("gone", "s3://footage/raw/gone.mp4"),
      choice("foreign", "s3://acme/a.mp4"),
    ];
    const made = await runBatch(pipeline, { name: "bucket", blocks: [video("hook", { choices })] });
    const delivered = made.combinations.filter(({ path }) => path);
    expect(delivered.map(({ choices }) => choices.map(({ choice }) => choice))).toEqual([["a hook"]]);
    const reasons = made.combinations.flatMap(({ failure, choices }) =>
      failure ? [`${choices[0]?.choice}: ${failure.block} ${failure.choice} ${failure.reason}`] : [],
    );
    expect(reasons).toEqual([
      expect.stringMatching(/^gone: hook gone "gone\.mp4": s3:\/\/footage\/raw\/gone\.mp4 does not exist\.$/),
      expect.stringMatching(
        /^foreign: hook foreign "a\.mp4": The bucket "acme" is not allowed for sources of this tenant/,
      ),
    ]);
    const inputs = [{ source: from("s3://footage/raw/a hook.mp4") }];
    const processed = await runBatch(pipeline, {
      name: "bucket-inputs",
      inputs,
      outputs: [{ name: "poster", operation: { case: "thumbnail" as const, value: {} } }],
    });
    expect(processed.status.deliveries).toMatchObject({ total: 1n, delivered: 1n });
  });

  it("leaves nothing behind", () => expectNothingLeft(pipeline));
});
