import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sound } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { NEEDS_SEAWEED, startSeaweed } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clipsReady, expectWhole } from "./kill/whole.js";
import { endOf, submit, watch } from "./testing/batches.js";
import { audio, bed, footage, video } from "./testing/blocks.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";
import { storeOnS3 } from "./testing/s3.js";

describe("machines that share only a bucket", NEEDS_SEAWEED, () => {
  const releasers = new Releasers();
  let folder: string;
  let pipeline: Pipeline;
  const cacheOf = (machine: string) => join(folder, machine, "cache");
  const copiesOf = (machine: string) => readdir(join(cacheOf(machine), "objects")).catch(() => []);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-machines-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    const server = releasers.use(await startSeaweed());
    const env = { ...storeOnS3(server, "machines", folder), POLYREEL_ENCODES: "1", POLYREEL_ACK_WAIT_SECONDS: "3" };
    // Each service has a disk of its own.
    pipeline = await startPipeline(env, { own: (name) => ({ POLYREEL_CACHE: cacheOf(name) }) });
    releasers.add(() => pipeline.close());
  });
  afterAll(() => releasers.close());

  it("deliver every combination once, although one of two renderers is killed", async () => {
    // Its machine does not come back, so that nobody removes its temporary files.
    const temporary = join(folder, "second-renderer", "tmp");
    await mkdir(temporary, { recursive: true });
    const own = { POLYREEL_CACHE: cacheOf("second-renderer"), TMPDIR: temporary };
    const second = pipeline.start("renderer", own);
    await second.logged(/^renderer ready/);
    const clips = await Promise.all(
      [0, 1, 2, 3].map(async (i) =>
        put(pipeline, await makeFootage(pipeline.folder, `${i}.mp4`, { seconds: 3, hertz: 300 + 100 * i })),
      ),
    );
    const chord = await put(pipeline, await makeBed(pipeline.folder, "chord.wav"));
    const choices = clips.map((sha256, i) => footage(`${i}`, sha256));
    const batchId = await submit(pipeline, {
      canvas: { width: 540, height: 960 },
      blocks: [
        video("hook", { sound: Sound.KEPT, choices: choices.slice(0, 2) }),
        video("body", { sound: Sound.KEPT, choices: choices.slice(2) }),
        audio("music", { choices: [bed("none"), bed("chord", chord)] }),
      ],
    });
    await watch(pipeline, batchId, { withinSeconds: 60, until: clipsReady(1) });
    await second.kill("SIGKILL");
    const ended = await endOf(pipeline, batchId, { withinSeconds: 90 });
    await expectWhole(pipeline, ended);
    const delivered = ended.updates.flatMap(({ update }) =>
      update.case === "combinationDelivered" ? [update.value.combinationId] : [],
    );
    expect(delivered).toHaveLength(8);
    expect(new Set(delivered).size).toBe(8);
    // The uploader has its own copies of clips and soundtracks, each renderer those of what it read or made.
    expect((await copiesOf("uploader")).length).toBeGreaterThan(4);
    expect((await copiesOf("renderer")).length).toBeGreaterThan(0);
    expect((await copiesOf("second-renderer")).length).toBeGreaterThan(0);
  });

  it("leave nothing behind", () => expectNothingLeft(pipeline));
});
