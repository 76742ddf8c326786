import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recogniseWords, WHISPER, wordErrorRate, words } from "@polyreel/media/testing";
import { needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engines } from "../engines.js";
import { engineContract } from "../testing/engine-contract.js";
import { wavSeconds } from "../wav.js";
import { PiperEngine } from "./piper.js";
import { JOE_FOLDER } from "./testing/joe-voice.js";

const TEXT = "She walked along the river. Until the morning light appeared, nobody knew!";
const PASSAGE =
  "She walked along the river until the morning light appeared above the mountains. Then she opened the letter from " +
  "her brother, and read every word of it twice before she began to smile.";
/** Another one than the rates were measured with. */
const LINE = "Every morning the baker opens his shop at six and sells warm rolls";
const { signal } = new AbortController();
let tempDir: string;
/** Shared, because loading a model takes longer than speaking. */
let piper: PiperEngine;
let engines: Engines;
const open = () => new PiperEngine({ path: JOE_FOLDER ?? "", isStated: true });
beforeAll(async () => {
  tempDir = await mkdtemp(join(tmpdir(), "polyreel-piper-"));
  piper = open();
  engines = new Engines([piper]);
});
afterAll(async () => {
  await piper.close();
  await rm(tempDir, { recursive: true });
});

const speak = (text: string, { by = engines, rate = 1, stop = signal } = {}) =>
  by.speak({ voice: "joe", text, rate, pitch: 0, signal: stop, tempDir });
const secondsOf = async ({ path }: { path: string }) => wavSeconds(await readFile(path));

/** Process ids of the programs that we keep. */
const programs = (): number[] =>
  execFileSync("ps", ["-eo", "ppid=,pid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+([^Z]\S*)\s.*piper\/worker\/main\.js/.exec(line))
    .flatMap((found) => (found && Number(found[1]) === process.pid ? [Number(found[2])] : []));

describe("with the voice joe", needs(JOE_FOLDER, "needs Piper's voice joe in .programs"), () => {
  engineContract({ name: "piper", keepsPrograms: true, open: async () => piper });

  it("has a short name, a language, and a build of all that its sound depends on", async () => {
    const build = /^piper \d+\/model [0-9a-f]{16}\/onnxruntime-web [\d.]+\/espeak-ng [\d.]+\S*\/data [0-9a-f]{16}$/;
    expect(await piper.voices(signal)).toMatchObject([
      { name: "en_US-joe-medium", shortName: "joe", language: "en-US", build: expect.stringMatching(build) },
    ]);
  });

  it("speaks at other rates", async () => {
    const own = await secondsOf(await speak(LINE));
    for (const rate of [...piper.reach().rate, 0.8]) {
      const actual = own / (await secondsOf(await speak(LINE, { rate })));
      expect(Math.abs(actual / rate - 1), `${rate}`).toBeLessThan(0.07);
    }
    await expect(speak(TEXT, { rate: 9 })).rejects.toMatchObject({ failure: { field: "rate" } });
  });

  it("is understood, amounts and abbreviations included", async ({ skip }) => {
    skip(!WHISPER, "needs Whisper, the recogniser");
    const { path } = await speak(PASSAGE);
    const recognised = (await recogniseWords(path)).map(({ text }) => text).join(" ");
    expect(wordErrorRate(words(PASSAGE), words(recognised))).toBeLessThanOrEqual(0.1);
    const amounts = (await recogniseWords((await speak("Dr. Smith paid $20 million for it.")).path))
      .map(({ text }) => text)
      .join(" ");
    expect(amounts).toMatch(/^(Dr\.|Doctor) Smith paid (\$20|20|twenty) million/);
  });

  it("has a pause of silence for a text without sound", async () => {
    expect(await secondsOf(await speak("\u{1F600}"))).toBeLessThan(1);
  });

  it("keeps its program, and leaves none when it is cancelled, killed or closed", async () => {
    await piper.close(); // The last test.
    const engine = open();
    const by = new Engines([engine]);
    const stop = new AbortController();
    const cancelled = speak(`${TEXT} `.repeat(60), { by, stop: stop.signal });
    await expect.poll(programs).toHaveLength(1);
    stop.abort();
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    expect(programs()).toEqual([]);

    const killed = speak(`${TEXT} `.repeat(60), { by });
    await expect.poll(programs).toHaveLength(1);
    process.kill(programs()[0] ?? 0, "SIGKILL");
    await expect(killed).rejects.toMatchObject({ code: "unavailable", outage: false });

    await speak("Half price today", { by });
    const kept = programs();
    await speak("Half price today", { by });
    expect(programs()).toEqual(kept);
    await engine.close();
    expect(programs()).toEqual([]);
  });
});
