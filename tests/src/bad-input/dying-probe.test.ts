import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, it } from "vitest";
import { runBatch } from "../testing/batches.js";
import { footage, video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { write } from "./damage.js";
import { type BadChoices, expectVerdict } from "./input-verdict.js";

/** An ffprobe that crashes on files with a marker. The file's path is its last argument. */
const FFPROBE = `#!/bin/sh
for file; do :; done
file="\${file#file:}"
if grep -q DIES_OF_ITSELF "$file"; then kill -SEGV $$; fi
if grep -q IS_KILLED "$file"; then kill -KILL $$; fi
exec ffprobe "$@"
`;

let folder: string;
let pipeline: Pipeline;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-probe-"));
  const program = await write(folder, "ffprobe", FFPROBE);
  await chmod(program, 0o755);
  pipeline = await startPipeline({ FFPROBE_PATH: program });
});
afterAll(async () => {
  await pipeline?.close();
  await rm(folder, { recursive: true });
});

const BAD: BadChoices = {
  hook: {
    crashes: /^"crashes\.mp4": ffprobe crashes on this file \(SIGSEGV\)/,
    killed: /^"killed\.mp4": ffprobe was ended by SIGKILL/,
  },
};

it("fails the combinations of a source that crashes ffprobe, and delivers the others", async () => {
  const good = await put(pipeline, await makeFootage(folder, "good.mp4", { sound: false }));
  const crashes = await put(pipeline, await write(folder, "crashes.mp4", "\0DIES_OF_ITSELF"));
  const killed = await put(pipeline, await write(folder, "killed.mp4", "\0IS_KILLED"));
  const choices = [footage("good", good), footage("crashes", crashes), footage("killed", killed)];
  await expectVerdict(pipeline, await runBatch(pipeline, { blocks: [video("hook", { choices })] }), BAD);
  await expectNothingLeft(pipeline);
});
