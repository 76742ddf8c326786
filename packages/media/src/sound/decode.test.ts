import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import { decodePcm } from "./decode.js";
import type { DecodeOptions } from "./decode-sound.js";
import { pcmBytes, pcmValues } from "./pcm.js";
import { levelDb, loudestSample, makeFile, never } from "./testing/sounds.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-decode-"));
});
afterAll(() => rm(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);

async function decode(
  path: string,
  options: Partial<Pick<DecodeOptions, "zeroAt" | "startSeconds" | "maxSeconds" | "track">> = {},
) {
  const { path: pcm, index } = await decodePcm(path, { zeroAt: "audio", signal: never, tempDir: folder, ...options });
  const values = pcmValues(await readFile(pcm));
  await rm(pcm);
  expect(values).toHaveLength(Number(index.samples) * 2);
  expect(index.loudnessLufs).toHaveLength(Math.ceil(Number(index.samples) / 4800));
  return { values, samples: Number(index.samples), lufs: index.loudnessLufs };
}

/** Silence, except for a beep of 50 ms at 0.5 s. */
const BEEP = "aevalsrc='0.5*sin(2*PI*1000*t)*between(t,0.5,0.55)':d=1:s=44100";
/** The sample at which the beep begins. */
function beepStart(values: Float32Array): number {
  return Math.floor(values.findIndex((value) => Math.abs(value) > 0.1) / 2);
}

describe("decodes any audio to 48 kHz stereo", () => {
  it.each([
    ["mono.wav", "sine=f=440:d=1:r=44100", []],
    ["low.mp3", "sine=f=440:d=1:r=22050", ["-b:a", "64k"]],
    ["vorbis.ogg", "sine=f=440:d=1:r=44100", ["-ac", "2"]],
    ["opus.webm", "sine=f=440:d=1:r=48000", ["-ac", "2"]],
    ["surround.m4a", "sine=f=440:d=1:r=48000,pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0", ["-c:a", "aac"]],
    ["eight.flac", "sine=f=440:d=1:r=96000,pan=7.1|c0=c0|c1=c0|c6=c0", []],
  ])("%s", async (name, source, options) => {
    const { values, samples } = await decode(await makeFile(inFolder(name), [source], options));
    expect(Math.abs(samples - 48000)).toBeLessThan(3000);
    expect(levelDb(values, 0.3, 0.6)).toBeGreaterThan(-25);
    for (const channel of [0, 1]) {
      const alone = values.map((value, i) => (i % 2 === channel ? value : 0));
      expect(levelDb(alone, 0.3, 0.6)).toBeGreaterThan(-28);
    }
  });

  it("keeps positions exact to the sample", async () => {
    const { values, samples } = await decode(await makeFile(inFolder("beep.wav"), [BEEP], []));
    expect(samples).toBe(48000);
    expect(Math.abs(beepStart(values) - 24000)).toBeLessThan(12);
  });
});

describe("audio of a video begins with its first picture", () => {
  const PICTURE = "color=size=32x32:rate=25:duration=1";
  const ENCODE = ["-c:v", "libx264", "-preset", "ultrafast"];

  it.each([
    ["together.mp4", 0, 0, 24000],
    ["together.mkv", 0, 0, 24000],
    ["later-sound.mp4", 0, 0.2, 33600],
    ["later-sound.mkv", 0, 0.2, 33600],
    ["later-picture.mp4", 0.2, 0, 14400],
    ["later-picture.mkv", 0.2, 0, 14400],
    ["later-picture.ts", 0.2, 0, 14400],
    ["both-late.ts", 0.24, 0.2, 22080],
  ])("%s", async (name, pictureLate, soundLate, expected) => {
    const options = [...ENCODE, "-c:a", "aac", "-fps_mode", "passthrough"];
    const path = await makeFile(inFolder(name), [PICTURE, BEEP], options, [pictureLate, soundLate]);
    const { values } = await decode(path, { zeroAt: "video" });
    // 2 ms: blur of AAC, and Matroska's timestamps in milliseconds.
    expect(Math.abs(beepStart(values) - expected)).toBeLessThan(96);
    if (expected > 24000) expect(levelDb(values, 0, 0.1)).toBeLessThan(-90);
  });

  it("wherever decoding begins", async () => {
    const path = await makeFile(inFolder("start.mp4"), [PICTURE, BEEP], ENCODE);
    const { values, samples } = await decode(path, { zeroAt: "video", startSeconds: 0.4, maxSeconds: 0.3 });
    expect(samples).toBe(14400);
    expect(Math.abs(beepStart(values) - 4800)).toBeLessThan(96);
  });
});

it("decodes a stretch to the same samples as the whole", async () => {
  // Vorbis in WebM: blocks of two sizes, whose times are rounded to milliseconds.
  const clicks = "aevalsrc='0.5*random(0)*lt(mod(t,0.7),0.02)':d=12:s=44100";
  const path = await makeFile(inFolder("long.webm"), [clicks], ["-ac", "2", "-c:a", "libvorbis"]);
  const whole = await decode(path);
  const stretch = await decode(path, { startSeconds: 8, maxSeconds: 3 });
  expect(stretch.samples).toBe(3 * 48000);
  const same = Buffer.compare(pcmBytes(stretch.values), pcmBytes(whole.values.slice(8 * 96000, 11 * 96000)));
  expect(same).toBe(0);
});

it("finds the first picture of a broadcast that was cut in the middle", async () => {
  const source = "testsrc=size=64x64:rate=25:duration=4";
  const beep = "aevalsrc='0.5*sin(2*PI*1000*t)*between(t,3.5,3.55)':d=4";
  const path = await makeFile(inFolder("cut.ts"), [source, beep], ["-c:v", "libx264", "-g", "50", "-c:a", "aac"]);
  const bytes = await readFile(path);
  // From a third on, at a packet's start: the first pictures cannot be decoded, the key frame at 2 s is the first that
  // can.
  await writeFile(path, bytes.subarray(Math.floor(bytes.length / 3 / 188) * 188));
  const { values } = await decode(path, { zeroAt: "video" });
  expect(Math.abs(beepStart(values) - 1.5 * 48000)).toBeLessThan(96);
});

it("fills gaps with silence", async () => {
  const gap = "aselect='not(between(t,0.3,0.5))',asetpts=PTS";
  const source = `sine=f=440:d=1:r=48000,asetnsamples=480,asetpts=N/SR/TB,${gap}`;
  const path = await makeFile(inFolder("gap.mkv"), [source], ["-c:a", "pcm_s16le"]);
  const { values, samples } = await decode(path);
  expect(Math.abs(samples - 48000)).toBeLessThan(100);
  expect(levelDb(values, 0.33, 0.47)).toBeLessThan(-90);
  expect(levelDb(values, 0.55, 0.95)).toBeGreaterThan(-30);
});

it.each([
  ["of minutes is silence", 100, 48_000 * 102],
  ["of hours, of a small file that would take all memory, is refused", 36_000, undefined],
])("a gap %s", async (_what, seconds, samples) => {
  const later = `sine=f=440:d=2:r=48000,asetpts=PTS+gt(T\\,1)*${seconds}/TB`;
  const decoding = decode(await makeFile(inFolder("gap.mka"), [later], ["-c:a", "pcm_s16le"]));
  if (samples === undefined) {
    await expect(decoding).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringContaining("gap of more than 30 minutes") },
    });
  } else expect(Math.abs((await decoding).samples - samples)).toBeLessThan(2400);
  expect((await readdir(folder)).filter((file) => file.endsWith(".pcm"))).toEqual([]);
});

describe("audio whose format changes midway", () => {
  /**
   * A tone of a second each, alternating 440 Hz and 880 Hz. Broadcasts have continuous timestamps; joined recordings
   * don't.
   */
  async function joined(name: string, formats: readonly string[][], counting: boolean): Promise<string> {
    const parts = formats.map(async (format, i) => {
      const tone = `sine=f=${i % 2 === 0 ? 440 : 880}:d=1:r=48000`;
      const offset = counting ? ["-output_ts_offset", String(i)] : [];
      return readFile(await makeFile(inFolder(`${i}-of-${name}`), [tone], [...format, ...offset]));
    });
    await writeFile(inFolder(name), Buffer.concat(await Promise.all(parts)));
    return inFolder(name);
  }
  const MONO = ["-c:a", "mp2", "-ac", "1"];
  const STEREO = ["-c:a", "mp2", "-ac", "2"];
  const LOWER = ["-c:a", "mp2", "-ac", "2", "-ar", "44100"];
  const AC3 = ["-c:a", "ac3", "-ac", "2"];
  const SURROUND = ["-c:a", "ac3", "-af", "pan=5.1|c0=c0|c1=c0|c2=c0|c3=0*c0|c4=0*c0|c5=0*c0"];
  const MANY = Array.from({ length: 24 }, (_, i) => [MONO, STEREO, LOWER][i % 3] as string[]);

  it.each([
    ["stereo-surround.ts", [AC3, SURROUND], true],
    ["mono-stereo.ts", [MONO, STEREO], true],
    ["44100-48000.ts", [LOWER, STEREO], true],
    ["restarted.ts", [SURROUND, AC3], false],
    ["many.ts", MANY, true],
    ["many-restarted.ts", MANY, false],
  ])("keeps its timing: %s", async (name, formats, counting) => {
    const path = await joined(name, formats, counting);
    const { values, samples } = await decode(path);
    // Each part ends with a whole packet; with restarting timestamps these add up.
    const step = counting ? 1 : (samples / 48000 - 1) / (formats.length - 1);
    expect(step).toBeLessThan(1.05);
    for (const [i] of formats.entries()) {
      const [tone, other] = i % 2 === 0 ? [440, 880] : [880, 440];
      // 50 ms after each change, including the codec's delay, only the new tone is left.
      for (const at of [i * step + 0.07, i * step + 0.5, i * step + 0.9]) {
        expect(strength(values, tone, at)).toBeGreaterThan(0.01);
        expect(strength(values, other, at)).toBeLessThan(0.2 * strength(values, tone, at));
      }
    }
    const stretch = await decode(path, { startSeconds: 1, maxSeconds: 1 });
    expect(strength(stretch.values, 880, 0.5)).toBeGreaterThan(0.01);
  });

  /** Amplitude of a frequency in the 40 ms around a time. */
  function strength(values: Float32Array, hertz: number, seconds: number): number {
    const [from, count] = [Math.round((seconds - 0.02) * 48000), 1920];
    let [re, im] = [0, 0];
    for (let i = 0; i < count; i++) {
      const angle = (2 * Math.PI * hertz * i) / 48000;
      re += (values[2 * (from + i)] ?? 0) * Math.cos(angle);
      im += (values[2 * (from + i)] ?? 0) * Math.sin(angle);
    }
    return (2 * Math.hypot(re, im)) / count;
  }
});

describe("ends where its track does", () => {
  it.each([
    ["music.m4a", 2, []],
    ["low.m4a", 1.5, ["-ar", "22050"]],
    ["quick.mov", 1, ["-c:a", "aac"]],
    ["lossless.m4a", 1.234, ["-c:a", "alac"]],
  ])("%s", async (name, seconds, options) => {
    const path = await makeFile(inFolder(name), [`sine=f=440:d=${seconds}:r=44100`], options);
    expect((await decode(path)).samples).toBe(Math.round(seconds * 48000));
  });

  it("at the end of an edit list", async () => {
    const whole = await makeFile(inFolder("whole.m4a"), ["sine=f=440:d=3:r=48000"], []);
    const cut = inFolder("cut.m4a");
    const outputs = [{ file: cut, options: ["-c", "copy", "-t", "1.5"] }];
    const run = { signal: never, deadlineSeconds: 30, maxOutputBytes: 1e7 };
    await runFfmpeg({ ...run, inputs: [{ file: whole, options: ["-ss", "1"] }], outputs });
    const { samples, values } = await decode(cut);
    expect(Math.abs(samples - 1.5 * 48000)).toBeLessThan(1024);
    expect(levelDb(values, 0, samples / 48000)).toBeGreaterThan(-25);
  });
});

it("decodes the default track, or the selected one", async () => {
  const tones = [440, 880].map((hertz) => `sine=f=${hertz}:d=1:r=48000`);
  const marks = ["-map", "0", "-map", "1", "-disposition:a:0", "0", "-disposition:a:1", "default"];
  const path = await makeFile(inFolder("two.mkv"), tones, ["-c:a", "pcm_s16le", ...marks]);
  const hertz = async (track: number) => {
    const { values } = await decode(path, { track });
    return values.filter((value, i) => i % 2 === 0 && i > 0 && value >= 0 && (values[i - 2] ?? 0) < 0).length;
  };
  expect(Math.abs((await hertz(0)) - 880)).toBeLessThan(3);
  expect(Math.abs((await hertz(1)) - 440)).toBeLessThan(3);
  await expect(decode(path, { track: 3 })).rejects.toThrow("The file has no sound track 3: it has 1 (mono), 2 (mono).");
});

it("replaces NaN by silence", async () => {
  const wave = Buffer.alloc(44 + 4 * 48000);
  const values = new Float32Array(48000).fill(0.25);
  values[100] = Number.NaN;
  values[200] = Number.POSITIVE_INFINITY;
  Buffer.from(values.buffer).copy(wave, 44);
  wave.write("RIFF", 0).valueOf();
  wave.writeUInt32LE(wave.length - 8, 4);
  wave.write("WAVEfmt ", 8);
  wave.writeUInt32LE(16, 16);
  wave.writeUInt16LE(3, 20);
  wave.writeUInt16LE(1, 22);
  wave.writeUInt32LE(48000, 24);
  wave.writeUInt32LE(48000 * 4, 28);
  wave.writeUInt16LE(4, 32);
  wave.writeUInt16LE(32, 34);
  wave.write("data", 36);
  wave.writeUInt32LE(48000 * 4, 40);
  await writeFile(inFolder("nan.wav"), wave);
  const { lufs, values: decoded } = await decode(inFolder("nan.wav"));
  expect(lufs.every((loudness) => !Number.isNaN(loudness))).toBe(true);
  expect(decoded.every((value) => Number.isFinite(value))).toBe(true);
});

describe("refuses files without audio:", () => {
  it.each([
    ["silent-picture.mp4", "has no sound", ["color=size=32x32:rate=25:duration=0.2"], ["-c:v", "libx264"]],
    ["empty.wav", "is empty", ["sine=f=440:d=0.1,atrim=end_sample=0"], []],
  ])("%s", async (name, reason, sources, options) => {
    const path = await makeFile(inFolder(name), sources, options);
    await expect(decode(path)).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringContaining(reason) },
    });
    expect((await readdir(folder)).filter((file) => file.endsWith(".pcm"))).toEqual([]);
  });

  it("a text file", async () => {
    await writeFile(inFolder("text.mp3"), "This is no sound.\n".repeat(100));
    await expect(decode(inFolder("text.mp3"))).rejects.toMatchObject({ code: "invalid" });
  });

  it("a file truncated before its index", async () => {
    const path = await makeFile(inFolder("broken.m4a"), ["sine=d=2"], []);
    await truncate(path, 5000);
    await expect(decode(path)).rejects.toMatchObject({ code: "invalid" });
  });
});

it("decodes the available part of a truncated file", async () => {
  const path = await makeFile(inFolder("short.mp3"), ["sine=d=2"], []);
  await truncate(path, 8000);
  const { samples, values } = await decode(path);
  expect(samples).toBeGreaterThan(24000);
  expect(samples).toBeLessThan(90000);
  expect(loudestSample(values)).toBeGreaterThan(0);
});
