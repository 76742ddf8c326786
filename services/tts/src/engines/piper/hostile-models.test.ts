import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestBytes } from "@polyreel/platform/files";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EngineVoices } from "../engine-voices.js";
import { Engines } from "../engines.js";
import { wavSeconds } from "../wav.js";
import { PiperEngine } from "./piper.js";
import { startPiperWorker } from "./piper-worker.js";
import { endless, immense, notANumber, silent } from "./testing/made-models.js";

const CONFIG = {
  ...{ audio: { sample_rate: 22_050 }, espeak: { voice: "en-us" }, language: { code: "en_US" } },
  phoneme_id_map: { _: [0], "^": [1], $: [2], " ": [3], ə: [4], l: [5] },
};
const { signal } = new AbortController();
let folder: string;
let piper: PiperEngine;
let engines: Engines;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-hostile-voices-"));
  await put("silent", silent);
  await put("nan", notANumber);
  await put("endless", endless);
  await put("immense", immense);
  await put("voiceless", silent, { espeak: { voice: "qqq" } });
  await put("random", randomBytes(100_000));
  await put("empty", Buffer.alloc(0));
  await put("config-huge", silent, { x: "x".repeat(2 << 20) });
  await put("config-rate", silent, { audio: { sample_rate: 1e12 } });
  await put("model-huge", silent);
  await truncate(join(folder, "model-huge.onnx"), 600 << 20);
  await writeFile(join(folder, "alone.onnx"), silent);
  await writeFile(join(folder, "odd name;.onnx"), silent);
  await mkdir(join(folder, "folder.onnx"));
  piper = new PiperEngine({ path: folder, isStated: true });
  engines = new Engines([new EngineVoices(piper, {})]);
});
afterAll(async () => {
  await piper.close();
  await rm(folder, { recursive: true });
});

async function put(name: string, model: Uint8Array, changes: object = {}): Promise<void> {
  await writeFile(join(folder, `${name}.onnx`), model);
  await writeFile(join(folder, `${name}.onnx.json`), JSON.stringify({ ...CONFIG, ...changes }));
}

const speak = (voice: string, text = "Hello") =>
  engines.speak({ voice, text, rate: 1, pitch: 0, signal, tempDir: folder });

it("fail alone when they are listed, each named with its fault", async () => {
  const { voices, failures } = await engines.list();
  expect(voices.map(({ name }) => name)).toEqual([
    "empty",
    "endless",
    "immense",
    "nan",
    "random",
    "silent",
    "voiceless",
  ]);
  expect(failures.map(({ failure }) => failure?.reason)).toEqual([
    "The voice alone.onnx can't be used: The file .onnx.json of the same name is missing beside it.",
    "The voice config-huge.onnx can't be used: Its configuration, .onnx.json, is larger than 1 MiB.",
    "The voice config-rate.onnx can't be used: Its configuration has the audio.sample_rate 1000000000000; it must be from 8000 to 48000.",
    "The voice folder.onnx can't be used: It is no file.",
    "The voice model-huge.onnx can't be used: It is larger than 512 MiB.",
    "The voice odd name;.onnx can't be used: Its name has other signs than letters, digits and . _ + -, or too many.",
  ]);
});

it.each(["random", "empty", "nan"])("that are no models of Piper fail their lines: %s", async (name) => {
  await expect(speak(name)).rejects.toMatchObject({
    code: "precondition",
    failure: { reason: "The voice's model is damaged, or no model of Piper." },
  });
});

it("that need a voice that espeak-ng does not have, name it", async () => {
  await expect(speak("voiceless")).rejects.toMatchObject({
    code: "precondition",
    failure: { reason: 'The model needs espeak-ng\'s voice "qqq", which this espeak-ng does not have.' },
  });
});

it("that want more memory than there is, end only their own program", async () => {
  await expect(speak("immense")).rejects.toMatchObject({ code: "precondition" });
  expect(wavSeconds(await readFile((await speak("silent")).path))).toBeGreaterThan(0);
});

it("that compute for too long are ended, with their program", async () => {
  const { voices } = await engines.list();
  expect(voices.length).toBeGreaterThan(0);
  const program = startPiperWorker(undefined, { cpuSeconds: 60, deadlineSeconds: 3, stallSeconds: 60 });
  const { sha256 } = digestBytes(endless);
  const job = { model: join(folder, "endless.onnx"), sha256, utterances: [{ ids: [1], pauseSeconds: 0 }] };
  const running = program.make({ ...job, lengthScale: 1, sampleRate: 22_050, output: join(folder, "out.pcm") }, signal);
  await expect(running).rejects.toMatchObject({ failure: { reason: "The voice takes too long to speak this text." } });
  expect(program.isUsable).toBe(false);
});

it("that are replaced after they were listed are not spoken with", async () => {
  await put("replaced", silent);
  const other = new PiperEngine({ path: folder, isStated: true });
  const their = new Engines([other]);
  await their.list();
  await put("replaced", notANumber);
  await expect(
    their.speak({ voice: "replaced", text: "Hello", rate: 1, pitch: 0, signal, tempDir: folder }),
  ).rejects.toMatchObject({ code: "unavailable", outage: false });
  await other.close();
});
