import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decodedFrames, decodedSound } from "@polyreel/media/testing";
import { Releasers } from "@polyreel/platform";
import { openStore, scopedStore } from "@polyreel/platform/blobs";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { NEEDS_SEAWEED, type S3Server, startSeaweed } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audio, bed, footage, text, video } from "./testing/blocks.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";
import { render } from "./testing/render.js";
import { storeOnS3 } from "./testing/s3.js";

const PROGRAM = fileURLToPath(new URL("../../cli/bin/polyreel.mjs", import.meta.url));

const BATCH = `
name: command
canvas: {width: 90, height: 160, frameRate: 30, fit: cover}
blocks:
  - {name: film, video: {choices: [{source: a.mp4}, {source: b.mp4}]}}
`;

describe("services with their store on S3", NEEDS_SEAWEED, () => {
  const releasers = new Releasers();
  let folder: string;
  let server: S3Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-on-s3-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    await makeFootage(folder, "a.mp4");
    await makeFootage(folder, "b.mp4", { hertz: 660 });
    await makeBed(folder, "bed.wav");
    server = releasers.use(await startSeaweed());
  });
  afterAll(() => releasers.close());

  it("deliver the same videos as with a folder", async () => {
    const onS3 = await rendered(inBucket("services"));
    expect([...onS3.keys()].sort()).toEqual(["a_x.mp4", "a_y.mp4", "b_x.mp4", "b_y.mp4"]);
    const inFolder = await rendered({});
    expect(onS3).toEqual(inFolder);
  });

  it("serve the command on two machines, and scrub removes damaged parts", async () => {
    const credentials = join(folder, "credentials");
    const { accessKeyId, secretAccessKey } = server.keys;
    await writeFile(credentials, `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`);
    const own = { POLYREEL_S3_CREDENTIALS: credentials, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    await writeFile(join(folder, "batch.yaml"), BATCH);
    const run = async (machine: string, ...args: string[]) => {
      const env = { ...process.env, ...inBucket("command"), ...own, POLYREEL_CACHE: join(folder, machine) };
      const ended = await promisify(execFile)(process.execPath, [PROGRAM, ...args, "--json", "--quiet"], {
        cwd: folder,
        env,
      }).then(
        (output) => ({ ...output, code: 0 }),
        (failed: { stdout: string; stderr: string; code: number }) => failed,
      );
      return { code: ended.code, stderr: ended.stderr, result: JSON.parse(ended.stdout || "{}") };
    };
    const command = async (...args: Parameters<typeof run>) => {
      const { result, ...ended } = await run(...args);
      expect({ ...ended, failures: result.failures ?? [] }).toEqual({ code: 0, stderr: "", failures: [] });
      return result;
    };
    const first = await command("first", "render", "batch.yaml", "--out", "first-out");
    expect(first.parts.clips).toMatchObject({ distinct: 2, made: 2 });
    const second = await command("second", "render", "batch.yaml", "--out", "second-out");
    expect(second.parts.clips).toMatchObject({ distinct: 2, made: 0, reused: 2 });
    const [video = "", ...others] = second.outputs.map(({ file }: { file: string }) => basename(file));
    expect(others).toHaveLength(1);
    const decoded = (machine: string) => decodedFrames(join(folder, `${machine}-out`, video));
    expect(await decoded("second")).toEqual(await decoded("first"));
    expect(await command("second", "scrub")).toMatchObject({ damaged: [], checked: expect.any(Number) });

    const store = scopedStore(await openStore(readStoreConfig(inBucket("command"))), "default");
    for await (const { key } of store.list("parts/clip/")) {
      if (!key.endsWith(".index")) await store.put(key, Buffer.from("damaged"));
    }
    const damaged = [expect.objectContaining({ what: "clip" }), expect.objectContaining({ what: "clip" })];
    expect(await run("second", "scrub")).toMatchObject({ code: 1, result: { damaged, removed: true } });
    // A machine with the right bytes in its cache needs the part again, too: it no longer exists.
    const again = await command("second", "render", "batch.yaml", "--out", "again-out");
    expect(again.parts.clips).toMatchObject({ distinct: 2, made: 2 });
    expect(await command("first", "scrub")).toMatchObject({ damaged: [] });
  });

  const inBucket = (prefix: string) => storeOnS3(server, prefix, folder);

  /** Renders the batch; returns the decoded frames and sound of each video by its name. */
  async function rendered(env: NodeJS.ProcessEnv) {
    const pipeline = await startPipeline(env);
    try {
      const { outputs, failures } = await render(pipeline, await batchOf(pipeline));
      expect(failures).toEqual([]);
      const decoded = outputs.map(async ({ path }) => {
        const frames = await decodedFrames(path);
        expect(frames.length).toBeGreaterThan(20);
        return [basename(path), { frames, sound: (await decodedSound(path)).toString("base64") }] as const;
      });
      return new Map(await Promise.all(decoded));
    } finally {
      await pipeline.close();
    }
  }

  async function batchOf(pipeline: Pipeline) {
    const [a, b, sound] = [
      await put(pipeline, join(folder, "a.mp4")),
      await put(pipeline, join(folder, "b.mp4")),
      await put(pipeline, join(folder, "bed.wav")),
    ];
    return {
      name: "on-s3",
      naming: "{film}_{headline}",
      blocks: [
        video("film", { choices: [footage("a", a), footage("b", b)] }),
        text("headline", {
          over: ["film"],
          choices: [
            { label: "x", text: "One" },
            { label: "y", text: "Two" },
          ],
        }),
        audio("bed", { loop: true, choices: [bed("bed", sound)] }),
      ],
    };
  }
});
