import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type EngineFailure, VoiceSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Engines } from "./engines.js";
import { espeakNg } from "./espeak-ng.js";
import { flite } from "./flite.js";
import type { SpeechEngine } from "./speech-engine.js";

/** Contains programs that replace installed engines. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-failing-"));
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function replace(program: string, script: string): Promise<void> {
  await writeFile(join(folder, program), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, program), 0o755);
}

const mark = `${process.pid}.375`;
/** Long enough for working engines on a busy machine. */
const DEADLINE_SECONDS = 8;
const { signal } = new AbortController();
const request = (voice: string) => ({ voice, text: "Hello", rate: 1, pitch: 0, signal, tempDir: folder });

describe.each([
  ["crashes", "kill -SEGV $$", "flite failed to list its voices: flite ended by SIGSEGV."],
  ["ends with an error", "echo oops >&2; exit 3", "flite failed to list its voices: flite ended by code 3."],
  ["hangs", `sleep 9${mark}`, "flite failed to list its voices: flite took longer than 8 s."],
  ["prints nonsense", "echo 42", "flite failed to list its voices: It printed no list of voices."],
  [
    "prints no version",
    'case $1 in -lv) echo "Voices available: rms slt";; esac',
    "flite failed to list its voices: It printed no version.",
  ],
])("a flite that %s", (_, script, reason) => {
  it("does not affect others, and is named in errors for its voices and for the default voice", async () => {
    await replace("flite", script);
    const reported: EngineFailure[] = [];
    const onFailure = (failure: EngineFailure) => reported.push(failure);
    const engines = new Engines([flite, espeakNg], { deadlineSeconds: DEADLINE_SECONDS, onFailure });
    const { voices, failures } = await engines.list();
    expect(new Set(voices.map(({ engine }) => engine))).toEqual(new Set(["espeak-ng"]));
    expect(failures).toMatchObject([{ engine: "flite", failure: { reason } }]);
    expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain(`sleep 9${mark}`);

    await expect(engines.speak(request("en-us"))).resolves.toBeDefined();
    for (const [voice, what] of [
      ["rms", 'The voice "rms" is not available'],
      ["", "There is no default voice"],
    ] as const) {
      await expect(engines.speak(request(voice))).rejects.toMatchObject({
        code: "unavailable",
        outage: false,
        failure: { reason: `${what}: ${reason}`, remedy: expect.stringContaining("`polyreel voices`") },
      });
    }
    expect(reported).toEqual(failures);
  }, 60_000);
});

it("a failing engine that is not preferred does not affect the default voice", async () => {
  await replace("espeak-ng", "exit 1");
  const engines = new Engines([flite, espeakNg]);
  expect(await engines.list()).toMatchObject({ defaultVoice: "rms", failures: [{ engine: "espeak-ng" }] });
  await expect(engines.speak(request(""))).resolves.toBeDefined();
});

it("a failed engine is retried after a delay", async () => {
  await replace("flite", "exit 1");
  const engines = new Engines([flite], { retryAfterMs: 0 });
  await expect(engines.voices()).rejects.toMatchObject({
    code: "unavailable",
    failure: { reason: expect.stringContaining("flite ended by code 1") },
  });
  await rm(join(folder, "flite"));
  expect((await engines.voices())[0]?.name).toBe("rms");
  expect((await engines.list()).failures).toEqual([]);
});

it("a failing engine keeps the voices listed that it listed before", async () => {
  const voice = create(VoiceSchema, { name: "ann", engine: "studio" });
  let away = false;
  const studio: SpeechEngine = {
    ...espeakNg,
    name: "studio",
    relistAfterMs: 0,
    voices: async () => {
      if (away) throw new PolyreelError("unavailable", { reason: "It is closed.", remedy: "Wait until it opens." });
      return [voice];
    },
  };
  const engines = new Engines([studio, espeakNg]);
  expect(await engines.list()).toMatchObject({ failures: [] });
  away = true;
  const listing = await engines.list();
  expect(listing.voices.map(({ name }) => name)).toEqual(expect.arrayContaining(["ann", "en-us"]));
  expect(listing.failures).toMatchObject([{ engine: "studio", failure: { remedy: "Wait until it opens." } }]);
});
