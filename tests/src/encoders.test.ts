import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CombinationState, Stage, VideoEncoder } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { afterAll, describe, it } from "vitest";
import { endOf, submit } from "./testing/batches.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

/** Each test mostly waits, in services of its own. */
const CONCURRENT = { concurrent: true };

const releasers = new Releasers();
afterAll(() => releasers.close());
const start = async (env: NodeJS.ProcessEnv) => releasers.use(await startPipeline(env));

/**
 * Stands in for an ffmpeg on a machine with NVENC: it lists its encoders, notes the commands that use them, and encodes
 * with x264 and x265 in their place. While the file `hold` exists, encodes do not begin.
 */
async function pretendNvenc(
  folder: string,
): Promise<{ FFMPEG_PATH: string; hold: string; commands: () => Promise<string[]> }> {
  const path = join(folder, "ffmpeg-nvenc");
  const log = join(folder, "nvenc.log");
  const hold = join(folder, "hold");
  await writeFile(log, "");
  const script = `#!/bin/bash
case "$*" in *-encoders*) echo " V..... h264_nvenc x"; echo " V..... hevc_nvenc x"; exec ffmpeg "$@";; esac
args=(); skip=
for a in "$@"; do
  if [ "$skip" ]; then skip=; continue; fi
  case "$a" in
    h264_nvenc) args+=(libx264); echo "$*" >> ${log};;
    hevc_nvenc) args+=(libx265);;
    -preset|-tune|-rc|-forced-idr|-cq) skip=1;;
    *) args+=("$a");;
  esac
done
case "$*" in *made.mp4*) [ -e ${hold} ] && exec sleep 600;; esac
exec ffmpeg "\${args[@]}"
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  const commands = async () => (await readFile(log, "utf8")).split("\n").filter((line) => line.includes("made.mp4"));
  return { FFMPEG_PATH: path, hold, commands };
}

async function submitFor(pipeline: Pipeline, encoders: readonly VideoEncoder[]): Promise<string> {
  const sha256 = await put(pipeline, await makeFootage(pipeline.folder, "talk.mp4", { seconds: 1 }));
  return submit(pipeline, {
    name: "talks",
    inputs: [{ label: "talk", source: { name: "talk.mp4", location: { case: "sha256", value: sha256 } } }],
    outputs: encoders.map((encoder, i) => ({
      name: `o${i}`,
      operation: { case: "transcode" as const, value: { height: 90, encoder } },
    })),
  });
}

const NONE_ALIVE = "It is to be encoded by nvenc, and no renderer that has it is alive.";

/** The stage of what a batch waits for, and why. */
async function waitingOf(pipeline: Pipeline, batchId: string) {
  const { waiting } = (await pipeline.batches.getBatch({ batchId })).batch ?? {};
  return waiting && [waiting.stage, waiting.next?.reason];
}

describe("an output that asks for NVENC", () => {
  it("waits for a renderer that has it, and the batch reports that none is alive", CONCURRENT, async ({ expect }) => {
    const pipeline = await start({ POLYREEL_ACK_WAIT_SECONDS: "3" });
    const batchId = await submitFor(pipeline, [VideoEncoder.NVENC, VideoEncoder.UNSPECIFIED]);
    await expect.poll(() => waitingOf(pipeline, batchId), { timeout: 30_000 }).toEqual([Stage.RENDITION, NONE_ALIVE]);
    // Software does not wait for it.
    const states = async () =>
      (await pipeline.batches.listCombinations({ batchId })).combinations[0]?.outputs.map(({ state }) => state);
    await expect.poll(states, { timeout: 30_000 }).toEqual([CombinationState.PLANNED, CombinationState.DELIVERED]);

    const { FFMPEG_PATH, commands } = await pretendNvenc(pipeline.folder);
    const renderer = pipeline.start("renderer", { POLYREEL_ENCODER: "nvenc", FFMPEG_PATH });
    const ended = await endOf(pipeline, batchId, { withinSeconds: 90 });
    expect(ended.combinations[0]?.outputs.map(({ state }) => state)).toEqual(Array(2).fill(CombinationState.DELIVERED));
    expect(await commands()).toEqual([expect.stringContaining("-c:v h264_nvenc -profile:v high -preset p5")]);
    expect(renderer.log.some(({ encoder }) => encoder === "nvenc")).toBe(true);
  });

  it("is made by the next one if its renderer is killed", CONCURRENT, async ({ expect }) => {
    const pipeline = await start({ POLYREEL_ACK_WAIT_SECONDS: "3" });
    const { FFMPEG_PATH, hold, commands } = await pretendNvenc(pipeline.folder);
    await writeFile(hold, "");
    const env = { POLYREEL_ENCODER: "nvenc", FFMPEG_PATH };
    const renderer = pipeline.start("renderer", env);
    await renderer.logged(/^renderer ready/);
    const batchId = await submitFor(pipeline, [VideoEncoder.NVENC]);
    await expect.poll(commands, { timeout: 30_000 }).toHaveLength(1);
    await renderer.kill("SIGKILL");
    await expect.poll(() => waitingOf(pipeline, batchId), { timeout: 30_000 }).toEqual([Stage.RENDITION, NONE_ALIVE]);
    await rm(hold);
    pipeline.start("renderer", env);
    const { combinations } = await endOf(pipeline, batchId, { withinSeconds: 90 });
    expect(combinations.map(({ state }) => state)).toEqual([CombinationState.DELIVERED]);
  });

  it("fails when it has waited as long as for other outages", CONCURRENT, async ({ expect }) => {
    const pipeline = await start({ POLYREEL_OUTAGE_WAIT: "3s" });
    const { combinations } = await endOf(pipeline, await submitFor(pipeline, [VideoEncoder.VAAPI]), {
      withinSeconds: 60,
    });
    expect(combinations[0]?.outputs[0]?.failure).toMatchObject({
      reason: expect.stringMatching(/^It is to be encoded by vaapi, and no renderer that has it is alive; tried \d/),
      remedy: expect.stringContaining("POLYREEL_ENCODER=vaapi"),
    });
  });
});
