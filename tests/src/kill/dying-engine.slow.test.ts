import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Overrun, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { failuresOf, runBatch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { expectWhole } from "./whole.js";

let folder: string;
let pipeline: Pipeline;
let hook: ReturnType<typeof video>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-engine-"));
  await writeFile(join(folder, "flite"), flite(folder));
  await chmod(join(folder, "flite"), 0o755);
  pipeline = await startPipeline({ PATH: `${folder}:${process.env.PATH}` });
  const path = await makeFootage(pipeline.folder, "hook.mp4", { size: "160x90", sound: false });
  hook = video("hook", { choices: [footage("hook", await put(pipeline, path))] });
});
afterAll(async () => {
  await pipeline?.close();
  await rm(folder, { recursive: true });
});

/** A flite that always crashes on one text, and on another the first two times. Its text is a file, or comes from stdin. */
const flite = (place: string) => `#!/bin/sh
PATH="\${PATH#*:}"
real=$(command -v flite)
previous=
for argument; do
  if [ "$previous" = -f ] && [ -r "$argument" ]; then file="$argument"; fi
  previous="$argument"
done
if [ -n "$file" ]; then
  if grep -q hopeless "$file"; then echo hopeless >> "${place}/crashes"; kill -SEGV $$; fi
  if grep -q shaky "$file" && [ "$(grep -c shaky "${place}/crashes")" -lt 2 ]; then
    echo shaky >> "${place}/crashes"
    kill -SEGV $$
  fi
fi
exec "$real" "$@"
`;

const runLine = (text: string) =>
  runBatch(pipeline, { blocks: [hook, voice("say", { overrun: Overrun.TRIM, choices: [{ label: "line", text }] })] });

/** The reported retries of the voice, each once. */
function triesAgain(updates: readonly WatchBatchResponse[]) {
  const all = updates.flatMap(({ update: { case: name, value } }) =>
    name === "progress" && value.stage === Stage.VOICE && value.tryingAgain ? [value.tryingAgain] : [],
  );
  return [...new Map(all.map((one) => [one.tried, one])).values()];
}

const crashes = async (text: string) =>
  (await readFile(join(folder, "crashes"), "utf8")).split("\n").filter((line) => line === text).length;

it("is retried when it crashes, and watching clients receive the attempt and the time of the next one", async () => {
  await writeFile(join(folder, "crashes"), "");
  const began = Date.now();
  const ended = await runLine("A shaky line");
  await expectWhole(pipeline, ended);
  expect(await crashes("shaky")).toBe(2);
  expect(ended.status.voices).toMatchObject({ made: 1n, failed: 0n });
  const again = triesAgain(ended.updates);
  expect(again.at(-1)).toMatchObject({ tried: 2, tries: 5, reason: expect.stringContaining("flite failed") });
  const next = again.at(-1)?.nextAt;
  expect(next && timestampMs(next)).toBeGreaterThan(began);
});

it("fails a line that always crashes it, once, with the number of attempts", async () => {
  const ended = await runLine("A hopeless line");
  expect(await crashes("hopeless")).toBe(5);
  const [[, failure] = []] = failuresOf(ended.combinations);
  expect(failure).toMatchObject({ block: "say", choice: "line", reason: "flite failed; tried 5 times." });
  const failed = ended.updates.filter(
    ({ update }) =>
      update.case === "part" && update.value.event.case === "failed" && update.value.stage === Stage.VOICE,
  );
  expect(failed).toHaveLength(1);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
