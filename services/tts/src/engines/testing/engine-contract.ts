import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Voice } from "@polyreel/contract";
import { decodePcm } from "@polyreel/media/sound";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engines } from "../engines.js";
import type { SpeechEngine } from "../speech-engine.js";

const TEXT = "She walked along the river until the morning light appeared.";
/** English is spoken at about 15 characters a second; voices differ by less than this factor. */
const CHARACTERS_A_SECOND = 15;
const FACTOR = 2;
const SAMPLE_RATE = 48_000;

/** An engine under test, which lists an English voice. */
interface Tested {
  readonly name: string;
  /** It speaks a text differently each time. */
  readonly varies?: boolean;
  /** It does not know what it cannot read. */
  readonly readsAll?: boolean;
  /** It keeps programs for later lines, whose command lines name no folder: a test of its own looks at them. */
  readonly keepsPrograms?: boolean;
  open(): Promise<SpeechEngine>;
  close?(): Promise<void>;
}

/** Tests of an engine that is an installed program. */
export const installedEngineContract = (engine: SpeechEngine): void =>
  engineContract({ name: engine.name, open: async () => engine });

/** Tests of every speech engine. */
export function engineContract(tested: Tested): void {
  const { name, varies = false, readsAll = false, keepsPrograms = false, open, close } = tested;
  describe(`${name}, as a speech engine`, () => {
    const { signal } = new AbortController();
    let engine: SpeechEngine;
    let tempDir: string;
    let voices: Voice[];
    let english: Voice;
    beforeAll(async () => {
      tempDir = await mkdtemp(join(tmpdir(), "polyreel-contract-"));
      engine = await open();
      voices = await engine.voices(signal);
      english = voices.find(({ language }) => /^(en|mul)/.test(language)) ?? expect.fail("It has no English voice.");
    });
    afterAll(async () => {
      await close?.();
      await rm(tempDir, { recursive: true, force: true });
    });

    const speak = (text = TEXT, stop = signal) =>
      engine.speak({
        ...{ voice: english.name, text, rate: 1, pitch: 0, settings: english.settings },
        ...{ signal: stop, tempDir },
      });
    const pcmOf = async (path: string) => {
      const { path: pcm, index } = await decodePcm(path, { zeroAt: "audio", signal, tempDir });
      return { bytes: await readFile(pcm), index };
    };

    it("lists well-formed voices, each name once, each with the engine's build", () => {
      expect(voices.length).toBeGreaterThan(0);
      expect(new Set(voices.map(({ name }) => name)).size).toBe(voices.length);
      for (const voice of voices) {
        expect(voice.name).toMatch(/^[^\p{C}]{1,100}$/u);
        expect(voice.varies).toBe(varies);
        expect(voice.engine).toBe(engine.name);
        expect(voice.language).toMatch(/^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i);
        expect(["female", "male", ""]).toContain(voice.gender);
        expect(voice.build).toMatch(/\d/);
        expect(voice.build.startsWith(engine.name)).toBe(true); // Recipes identify the engine by it.
      }
    });

    it("lists the same voices and builds each time", async () => {
      expect(await engine.voices(signal)).toEqual(voices);
    });

    it("has a range of rate and pitch for every voice, including its own speed and pitch", () => {
      for (const { name } of voices) {
        const { rate, pitch } = engine.reach(name);
        expect(rate[0] <= 1 && rate[1] >= 1).toBe(true);
        expect(pitch[0] <= 0 && pitch[1] >= 0).toBe(true);
      }
    });

    it("speaks a text into sound of a plausible length", async () => {
      const { index } = await pcmOf((await speak()).path);
      const seconds = Number(index.samples) / SAMPLE_RATE;
      const expected = TEXT.length / CHARACTERS_A_SECOND;
      expect(seconds).toBeGreaterThan(expected / FACTOR);
      expect(seconds).toBeLessThan(expected * FACTOR);
      expect(Math.max(...index.loudnessLufs)).toBeGreaterThan(-40);
    });

    // Speech that varies is kept instead.
    if (!varies)
      it("speaks a text identically each time, because parts are shared by their recipe", async () => {
        const { bytes } = await pcmOf((await speak()).path);
        expect((await pcmOf((await speak()).path)).bytes.equals(bytes)).toBe(true);
      });

    it("returns times of all words if the voice supports word times, otherwise none", async () => {
      const { path, words } = await speak();
      expect(words.map(({ text }) => text)).toEqual(english.wordTimes ? TEXT.split(" ") : []);
      const seconds = Number((await pcmOf(path)).index.samples) / SAMPLE_RATE;
      let before = 0;
      for (const { startSeconds, endSeconds } of words) {
        expect(startSeconds).toBeGreaterThanOrEqual(before - 0.001);
        expect(endSeconds).toBeGreaterThan(startSeconds);
        before = endSeconds;
      }
      expect(before).toBeLessThanOrEqual(seconds);
    });

    it("reads English with an English voice, and recognises unreadable text", async () => {
      const { name, settings } = english;
      expect(await engine.unreadable(name, TEXT, signal, settings)).toEqual([]);
      expect(await engine.unreadable(name, "漢字", signal, settings)).toEqual(readsAll ? [] : ["漢字"]);
    });

    it("stops at once when aborted, and leaves no process behind", async () => {
      const stop = new AbortController();
      const speaking = speak(`${TEXT} `.repeat(varies ? 10 : 2_000), stop.signal);
      const begun = () => expect.poll(() => processesNaming(tempDir), { timeout: 20_000 }).not.toEqual([]);
      await Promise.race([speaking, varies || keepsPrograms ? sleep(20) : begun()]);
      stop.abort();
      await expect(speaking).rejects.toMatchObject({ code: "cancelled" });
      expect(processesNaming(tempDir)).toEqual([]);
    }, 30_000);

    it("is not used for a voice that it does not list", async () => {
      const speaking = new Engines([engine]).speak({
        ...{ voice: "no-such-voice", text: TEXT, rate: 1, pitch: 0 },
        ...{ signal, tempDir },
      });
      await expect(speaking).rejects.toMatchObject({
        code: "invalid",
        failure: { reason: 'The voice "no-such-voice" is not installed.' },
      });
    });
  });
}

/** Command lines of running processes that contain a folder's path. */
const processesNaming = (folder: string): string[] =>
  execFileSync("ps", ["-eo", "stat=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(folder) && !line.startsWith("Z"));
