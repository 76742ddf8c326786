import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Overrun } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { makeMasterKey } from "@polyreel/platform/secrets";
import {
  NEEDS_SEAWEED,
  openTestBucket,
  type S3Server,
  startSeaweed,
  type TestBucket,
} from "@polyreel/platform/testing";
import { startElevenLabsServer } from "@polyreel/tts/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endOf, failuresOf, runBatch, submit, watch } from "../testing/batches.js";
import { footage, text, video, voice } from "../testing/blocks.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";

const KEY = "sk_5ec2e7f00d11";
const TITLES = 5;
/** Longer than a secret counts as fresh. */
const FRESH = { timeout: 60_000, interval: 500 };
const [OLD, NEW] = [makeMasterKey(), makeMasterKey()];

describe("keys of a tenant's destination and voices as secrets of the store", NEEDS_SEAWEED, () => {
  const releasers = new Releasers();
  let folder: string;
  let server: S3Server;
  let bucket: TestBucket;
  let provider: Awaited<ReturnType<typeof startElevenLabsServer>>;
  let pipeline: Pipeline;
  let film: ReturnType<typeof video>;

  const keepKeys = (...keys: string[]) => writeFile(join(folder, "keys"), keys.join("\n"), { mode: 0o600 });
  const keysOf = (secretAccessKey: string) =>
    `aws_access_key_id = ${server.keys.accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  const videos = async () => (await bucket.keys()).filter((key) => key.endsWith(".mp4"));
  const set = (name: string, value: string) => pipeline.secrets.setSecret({ name, tenant: "acme", value });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-stored-secrets-"));
    releasers.add(() => rm(folder, { recursive: true }));
    server = releasers.use(await startSeaweed());
    bucket = await openTestBucket(server, { bucket: "ads", prefix: "" });
    provider = releasers.use(await startElevenLabsServer());
    await keepKeys(OLD);
    const s3 = `type: s3, address: "s3://ads?endpoint=${server.endpoint}", tenants: [acme]`;
    await writeFile(
      join(folder, "destinations.yaml"),
      `ads: {${s3}, credentials: secret:acme/ads}\nlate: {${s3}, credentials: secret:acme/late}\n`,
    );
    const eleven = `type: elevenlabs, endpoint: "${provider.url}", tenants: [acme], concurrency: 1, credentials: secret:acme/eleven`;
    await writeFile(join(folder, "voices.yaml"), `eleven: {${eleven}}\n`);
    pipeline = releasers.use(
      await startPipeline({
        POLYREEL_SECRET_KEYS_FILE: join(folder, "keys"),
        POLYREEL_DESTINATIONS: join(folder, "destinations.yaml"),
        POLYREEL_VOICES: join(folder, "voices.yaml"),
        POLYREEL_DELIVERIES: "1",
      }),
    );
    await Promise.all([set("ads", keysOf(server.keys.secretAccessKey)), set("eleven", `${KEY}\n`)]);
    const path = await makeFootage(pipeline.folder, "film.mp4", { seconds: 0.3, sound: false, size: "64x64" });
    film = video("film", { choices: [footage("film", await put(pipeline, path, "acme"))] });
  }, 120_000);
  afterAll(() => releasers.close());

  const batchOf = (destination: string, count: number, more: object[] = []) => ({
    name: destination || "here",
    tenant: "acme",
    blocks: [
      film,
      text("title", { choices: Array.from({ length: count }, (_, i) => ({ label: `t${i}`, text: `${i}` })) }),
      ...more,
    ],
    outputs: [
      {
        name: "video",
        to: [
          destination === ""
            ? { kind: { case: "folder" as const, value: { path: "here" } } }
            : { kind: { case: "s3" as const, value: { destination } } },
        ],
      },
    ],
  });

  it("serves a batch whose master key and keys are replaced while it runs", async () => {
    // One line after the other: videos with the first are delivered before the second is spoken.
    provider.delayMs = 2_000;
    const lines = ["No", "Yes"].map((line) => ({ voice: "Rachel", text: line }));
    const batchId = await submit(
      pipeline,
      batchOf("ads", TITLES, [voice("say", { overrun: Overrun.TRIM, choices: lines })]),
    );
    const delivered = { withinSeconds: 90, until: () => bucketHasSome };
    let bucketHasSome = false;
    const looking = setInterval(async () => {
      bucketHasSome ||= (await videos()).length > 0;
    }, 50);
    await watch(pipeline, batchId, delivered).finally(() => clearInterval(looking));
    await keepKeys(NEW, OLD);
    expect(await pipeline.secrets.rotateSecrets({})).toMatchObject({ rotated: 2, failures: [] });
    await keepKeys(NEW);
    await set("ads", `# new\n${keysOf(server.keys.secretAccessKey)}`);
    expect(await videos()).not.toHaveLength(TITLES * lines.length);
    const { combinations } = await endOf(pipeline, batchId, { withinSeconds: 90 });
    expect(failuresOf(combinations)).toEqual(new Map());
    expect(await videos()).toHaveLength(TITLES * lines.length);
    expect(new Set([...provider.spoken, ...provider.listed].map(({ headers }) => headers["xi-api-key"]))).toEqual(
      new Set([KEY]),
    );
    expect((await pipeline.secrets.listSecrets({})).secrets).toMatchObject([
      { name: "ads", version: 3, needsRotation: false },
      { name: "eleven", version: 2, needsRotation: false },
    ]);
  });

  it("refuse only what needs a missing one, until it is set", async () => {
    const late = () =>
      submit(pipeline, batchOf("late", 1)).then((batchId) => endOf(pipeline, batchId, { withinSeconds: 90 }));
    const { combinations, status } = await late();
    expect(status.combinations).toMatchObject({ total: 1n, failed: 1n });
    const [failure] = failuresOf(combinations).values();
    expect(`${failure?.reason} ${failure?.remedy}`).toMatch(
      /The credentials of the destination "late" can't be used: there is no secret "acme\/late"\..*secrets set late --tenant acme/,
    );
    expect((await runBatch(pipeline, batchOf("", 1))).status.combinations).toMatchObject({ delivered: 1n });
    await set("late", keysOf(server.keys.secretAccessKey));
    await expect.poll(async () => (await late()).status.combinations?.delivered, FRESH).toBe(1n);
  });

  it("name a secret whose value is wrong, without the value", async () => {
    await set("late", keysOf("5ec2e7f00d12"));
    const reachable = async () =>
      JSON.stringify(
        (await pipeline.destinations.listDestinations({ tenant: "acme" })).destinations.map(
          ({ $typeName, ...one }) => one,
        ),
      );
    await expect.poll(reachable, FRESH).toMatch(/the secret access key is wrong/);
    expect(await reachable()).not.toContain("5ec2e7");
  });
});
