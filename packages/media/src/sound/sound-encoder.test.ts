import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Encoded, type Mix, SoundEncoder } from "./sound-encoder.js";
import { never, sine, valuesOf } from "./testing/sounds.js";

const S = 48_000;
let folder: string;
let tempDir: string;
let encoder: SoundEncoder;
const installed = process.env.FFMPEG_PATH;

/** An ffmpeg wrapper that records each of its starts. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-encoder-"));
  const script = `#!/bin/sh\necho "$@" >> '${join(folder, "starts")}'\nexec '${installed ?? "ffmpeg"}' "$@"\n`;
  await writeFile(join(folder, "ffmpeg"), script, { mode: 0o755 });
  process.env.FFMPEG_PATH = join(folder, "ffmpeg");
});
afterAll(async () => {
  if (installed === undefined) delete process.env.FFMPEG_PATH;
  else process.env.FFMPEG_PATH = installed;
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  tempDir = await mkdtemp(join(folder, "temp-"));
  encoder = new SoundEncoder({ processes: 1, tempDir });
  await rm(join(folder, "starts"), { force: true });
});

/** Number of sounds that each process encoded. */
const encodings = async (): Promise<number[]> => {
  const lines = (await readFile(join(folder, "starts"), "utf8").catch(() => "")).trim().split("\n");
  return lines.map((line) => line.split("-c:a aac").length - 1).filter((count) => count > 0);
};

/** A unique sound with a period of a second; `given` samples of it are provided. */
function tone(hertz: number, samples = S / 2, given = samples): Mix {
  const second = valuesOf((sample, channel) => sine(hertz, 0.3)(sample, channel) + 0.2 * Math.sin(sample ** 2), S);
  return {
    samples,
    pieces: async function* () {
      for (let left = given; left > 0; left -= S) yield second.subarray(0, 2 * Math.min(left, S));
    },
  };
}

const broken: Mix = {
  samples: S,
  // biome-ignore lint/correctness/useYield: it breaks before
  pieces: async function* () {
    throw new Error("no such sound");
  },
};

const encode = (mix: Mix, signal = never): Promise<Encoded> => encoder.encode(mix, { signal });

describe("soundtracks", () => {
  it("are byte-identical alone and among any others", async () => {
    const mixes = [tone(200), tone(300, 12_345), tone(400, S), tone(500), tone(600, 1), tone(700, S + 1)];
    const alone: Encoded[] = [];
    for (const mix of mixes) alone.push(await encode(mix));
    expect(await encodings()).toEqual([1, 1, 1, 1, 1, 1]);
    await rm(join(folder, "starts"));
    const among = await Promise.all([tone(250), ...mixes].map((mix) => encode(mix)));
    // The first found the process idle; the others waited for it.
    expect((await encodings()).length).toBeLessThan(5);
    expect(Math.max(...(await encodings()))).toBeGreaterThan(2);
    for (const [i, one] of alone.entries()) {
      expect(Buffer.from(among[i + 1]?.aac.stream ?? []).equals(one.aac.stream)).toBe(true);
      expect(among[i + 1]?.measured).toEqual(one.measured);
    }
    expect(await readdir(tempDir)).toEqual([]);
  });

  it("fail individually, by their sources and by the encoder", async () => {
    const outcomes = await Promise.allSettled(
      [tone(200), tone(300), broken, tone(400, S, S / 2), tone(500)].map((mix) => encode(mix)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({ message: "no such sound" });
    expect((outcomes[3] as PromiseRejectedResult).reason).toMatchObject({ code: "internal" });
    const { measured } = (outcomes[4] as PromiseFulfilledResult<Encoded>).value;
    expect(measured).toEqual((await encode(tone(500))).measured);
    expect(await readdir(tempDir)).toEqual([]);
  });

  it("leave the others intact when cancelled, waiting or running", async () => {
    const waiting = new AbortController();
    const underWay = new AbortController();
    const first = encode(tone(200, 20 * S));
    const others = [encode(tone(300)), encode(tone(400), waiting.signal), encode(tone(500, 30 * S), underWay.signal)];
    const outcomes = Promise.allSettled(others);
    await until(async () => (await readdir(tempDir)).filter((name) => name.endsWith(".pcm")).length === 4);
    waiting.abort();
    await first;
    await until(async () => Math.max(...(await encodings())) === 2);
    underWay.abort();
    const [kept, ...gone] = await outcomes;
    expect(kept?.status).toBe("fulfilled");
    for (const one of gone) expect(one).toMatchObject({ status: "rejected", reason: { code: "cancelled" } });
    expect(await readdir(tempDir)).toEqual([]);
  });

  it("stop their process when all are cancelled, and leave nothing", async () => {
    const stop = new AbortController();
    const outcomes = Promise.allSettled([tone(200, 300 * S), tone(300)].map((mix) => encode(mix, stop.signal)));
    await until(async () => (await readdir(tempDir)).some((name) => name.endsWith(".aac")));
    stop.abort();
    for (const one of await outcomes) expect(one).toMatchObject({ status: "rejected", reason: { code: "cancelled" } });
    expect(await readdir(tempDir)).toEqual([]);
    expect((await encode(tone(200))).aac.packets.length).toBe(25);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
