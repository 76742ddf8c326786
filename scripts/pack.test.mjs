import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { publint } from "publint";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);

/** In the order of their imports. */
const PACKAGES = ["contract", "spec", "platform", "media"];

/** A project that has only the results of `npm pack` from this repository. */
let project;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "polyreel-pack-"));
  await mkdir(join(project, "tarballs"));
  const workspaces = PACKAGES.flatMap((name) => ["--workspace", `packages/${name}`]);
  const { stdout } = await run("npm", [
    "pack",
    "--json",
    "--pack-destination",
    join(project, "tarballs"),
    ...workspaces,
  ]);
  const tarballs = JSON.parse(stdout).map(({ filename }) => `./tarballs/${filename}`);
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const options = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...options, ...tarballs], { cwd: project });
});

afterAll(() => project && rm(project, { recursive: true, force: true }));

/** Output of a script in that project. */
async function script(source) {
  const path = join(project, "script.mjs");
  await writeFile(path, source);
  return (await run(process.execPath, [path], { cwd: project })).stdout.trim();
}

describe("packages, used from a fresh project", () => {
  it("contract: writes a batch and reads it again", async () => {
    const printed = await script(`
      import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
      import { BatchSchema, factSubject } from "@polyreel/contract";
      const bytes = toBinary(BatchSchema, create(BatchSchema, { name: "spring" }));
      console.log(fromBinary(BatchSchema, bytes).name, factSubject("batch.submitted", "b1"));
    `);
    expect(printed).toBe("spring polyreel.batch.submitted.b1");
  });

  it("spec: reads a batch file and counts its combinations", async () => {
    const printed = await script(`
      import { combinationCount, normalizeBatch } from "@polyreel/spec";
      import { parseBatchFile } from "@polyreel/spec/batch-file";
      const text = "name: spring\\nblocks:\\n  - name: hook\\n    video: {choices: [{source: a.mp4}, {source: b.mp4}]}";
      const { batchFile, problems } = parseBatchFile("batch.yaml", text);
      console.log(problems.length, String(combinationCount(normalizeBatch(batchFile.batch))));
      console.log(parseBatchFile("batch.yaml", "name: spring\\nbloks: []").problems[0].what);
    `);
    expect(printed.split("\n")).toEqual(["0 2", expect.stringContaining("bloks")]);
  });

  it("media: probes a video", async () => {
    const video = join(project, "clip.mp4");
    await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25:duration=1", "-y", video]);
    const printed = await script(`
      import { probe } from "@polyreel/media/probe";
      const { video } = await probe(${JSON.stringify(video)}, { signal: AbortSignal.timeout(60_000) });
      console.log(video.width, video.height);
    `);
    expect(printed).toBe("320 240");
  });

  it("contract: bundles for a browser, without Node's modules", async () => {
    const entry = join(project, "page.mjs");
    await writeFile(
      entry,
      `
      import { create, toJsonString } from "@bufbuild/protobuf";
      import { BatchSchema } from "@polyreel/contract";
      globalThis.shown = toJsonString(BatchSchema, create(BatchSchema, { name: "spring" }));
    `,
    );
    const bundle = await rolldown({ input: entry, platform: "browser", external: [] });
    const file = join(project, "page.js");
    await bundle.write({ file, format: "iife" });
    await bundle.close();
    const page = { TextEncoder, TextDecoder };
    page.globalThis = page;
    runInNewContext(await readFile(file, "utf8"), page);
    expect(page.shown).toBe('{"name":"spring"}');
  });

  it.each(PACKAGES)("%s: passes publint", async (name) => {
    const { messages } = await publint({ pkgDir: `packages/${name}`, strict: true });
    expect(messages).toEqual([]);
  });
});
