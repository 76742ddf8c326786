import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { MediaContainer, RenditionIndexSchema, TranscodeSchema, VideoCodec } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { av1Encoder } from "../../ffmpeg/build.js";
import { ImageWorkers } from "../../image/image-workers.js";
import { layOut } from "../../join/layout.js";
import { layOutSound } from "../../join/layout-sound.js";
import { readLayout } from "../../join/read.js";
import { probe } from "../../probe/probe.js";
import { decodedFrames, decodedSound, encodeClip, encodeSound } from "../../testing/index.js";
import { transcode } from "../transcode.js";
import { clipTrack, probeOfClip } from "./clip-track.js";
import { certifyTracks, layOutTracks, type Tracks } from "./join-tracks.js";
import { soundTrack } from "./sound-track.js";
import { clipSettings, soundSettings } from "./track-scope.js";

type Clip = Awaited<ReturnType<typeof encodeClip>>;

const { MP4, WEBM } = MediaContainer;
const { signal } = new AbortController();
const images = new ImageWorkers({ processes: 1 });
/** Long enough for threads, short enough for no reordering, and one frame. */
const LENGTHS = [260, 40, 1, 2, 7];
const FRAMES = LENGTHS.reduce((sum, frames) => sum + frames, 0);
const payloads = new Map<string, Buffer>();
const reader = {
  read: async (_: string, hash: string, start: number, end: number) =>
    payloads.get(hash)?.subarray(start, end) ?? Buffer.alloc(0),
  readObject: async () => undefined,
};
let folder: string;
let tempDir: string;
let clips: Clip[];
let sound: Awaited<ReturnType<typeof encodeSound>>;
let whole: string;

const ffmpeg = (...args: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...args]);

async function written(name: string, layout: Parameters<typeof readLayout>[0]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLayout(layout, reader, 0, layout.sizeBytes)) chunks.push(chunk);
  const path = join(folder, name);
  await writeFile(path, Buffer.concat(chunks));
  return path;
}

const fileOf = async (path: string) => ({ path, probe: await probe(path, { signal }) });
const workOf = async () => ({ signal, tempDir, images, av1: await av1Encoder() });

/** Each distinct clip once, and the soundtrack, joined. */
async function joined(name: string, init: MessageInitShape<typeof TranscodeSchema>, order: readonly Clip[] = clips) {
  const settings = create(TranscodeSchema, { background: "#000000", ...init });
  const tracks = new Map<string, Tracks["clips"][number]>();
  const keep = async (hash: string, { payloadPath, index }: Awaited<ReturnType<typeof clipTrack>>) => {
    const key = `${name} ${hash}`;
    payloads.set(key, await readFile(payloadPath));
    await rm(payloadPath);
    return { hash: key, index: create(RenditionIndexSchema, index) };
  };
  for (const clip of order) {
    if (tracks.has(clip.hash)) continue;
    const path = await written(`${clip.hash}.mp4`, layOut([clip]));
    const { sizeBytes, ...known } = probeOfClip(clip.index);
    expect(await probe(path, { signal })).toMatchObject({
      ...known,
      durationSeconds: expect.closeTo(known.durationSeconds, 5),
      video: { ...known.video, durationSeconds: expect.closeTo(known.durationSeconds, 5) },
    });
    const own = { path, probe: { ...known, sizeBytes } };
    tracks.set(
      clip.hash,
      await keep(clip.hash, await clipTrack(own, clipSettings(settings), clip.index, await workOf())),
    );
  }
  const frames = order.reduce((sum, { index }) => sum + index.sizes.length, 0);
  const own = await fileOf(await written("sound.m4a", layOutSound(sound)));
  const encoded = await soundTrack(own, soundSettings(settings), frames * 1600, await workOf());
  const all: Tracks = {
    container: settings.container,
    clips: order.map(({ hash }) => tracks.get(hash) as Tracks["clips"][number]),
    sound: { kind: "rendition", ...(await keep("sound", encoded)) },
  };
  const layout = layOutTracks(all);
  return { path: await written(name, layout), certificate: certifyTracks(all, layout), layout, all };
}

/** SSIM of the pictures of two files, frame by frame. */
async function similarity(one: string, other: string): Promise<number> {
  const { stderr } = await promisify(execFile)("ffmpeg", [
    ...["-v", "info", "-i", one, "-i", other],
    ...["-lavfi", "[0:v]settb=AVTB,setpts=N[a];[1:v]settb=AVTB,setpts=N[b];[a][b]ssim", "-an", "-f", "null", "-"],
  ]);
  return Number(/SSIM .*All:([\d.]+)/.exec(stderr)?.[1]);
}

/** How the decoded sound differs from that of the ordinary join: in length, and as a share of its amplitude. */
async function soundOff(path: string): Promise<{ samples: number; share: number }> {
  const values = async (file: string) => {
    const { buffer, byteOffset, byteLength } = await decodedSound(file);
    return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  };
  const [ours, theirs] = [await values(path), await values(whole)];
  // Some releases of ffmpeg play the last packet of an MP4 to its end.
  const all = path.endsWith(".mp4") ? theirs.length : FRAMES * 1600 * 2;
  let [difference, power] = [0, 0];
  for (let i = 0; i < FRAMES * 1600 * 2; i++) {
    difference += ((ours[i] ?? 0) - (theirs[i] ?? 0)) ** 2;
    power += (theirs[i] ?? 0) ** 2;
  }
  return { samples: (ours.length - all) / 2, share: Math.sqrt(difference / power) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-tracks-"));
  tempDir = await mkdtemp(join(folder, "work-"));
  clips = [];
  for (const [i, frames] of LENGTHS.entries()) {
    const source = `testsrc2=size=180x320:rate=30,hue=h=${60 * i}`;
    clips.push(await encodeClip(folder, `clip${i}`, { source, frames }));
  }
  sound = await encodeSound(folder, "sound", {
    source: "sine=frequency=440:sample_rate=48000",
    samples: FRAMES * 1600,
  });
  for (const { hash, payload } of [...clips, sound]) payloads.set(hash, payload);
  whole = await written("whole.mp4", layOut(clips, sound));
}, 120_000);
afterAll(async () => {
  await images.close();
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ["web.mp4", { container: MP4, shortSide: 90, audioKbps: 96 }, "h264", "aac"],
  ["hevc.mp4", { container: MP4, shortSide: 90, videoCodec: VideoCodec.HEVC }, "hevc", "aac"],
  ["web.webm", { container: WEBM, shortSide: 90 }, "vp9", "opus"],
])(
  "joins clips that were encoded once to the frames and samples of the whole: %s",
  async (name, settings, video, audio) => {
    const { path, certificate } = await joined(name, settings);
    const { stderr } = await ffmpeg("-i", path, "-f", "null", "-");
    expect(stderr).toBe("");
    expect(await decodedFrames(path)).toHaveLength(FRAMES);
    const off = await soundOff(path);
    expect(off.samples).toBe(0);
    // A shift by a single sample would be 0.058.
    expect(off.share).toBeLessThan(0.03);
    const found = await probe(path, { signal });
    expect(found.video).toMatchObject({ codec: video, width: 90, height: 160, frameRate: 30 });
    expect(found.audio).toMatchObject({ codec: audio, channels: 2 });
    expect(found.durationSeconds).toBeCloseTo(FRAMES / 30, 1);
    expect(certificate).toMatchObject({ frames: FRAMES, video: { codec: video, width: 90 }, audio: { codec: audio } });
    // The same encoder over the whole, as the other way to make it.
    const asked = create(TranscodeSchema, { background: "#000000", ...settings });
    const other = await transcode(await fileOf(whole), asked, { ...(await workOf()), track: 0 });
    expect(await decodedFrames(other.payloadPath)).toHaveLength(FRAMES);
    const reference = join(folder, "reference.mkv");
    await ffmpeg("-i", whole, "-vf", "scale=90:160:flags=bicubic", "-an", "-c:v", "ffv1", reference);
    const [ours, theirs] = [await similarity(path, reference), await similarity(other.payloadPath, reference)];
    expect(ours).toBeGreaterThan(0.9);
    expect(ours).toBeGreaterThan(theirs - 0.01);
    await rm(other.payloadPath);
    expect(await readdir(tempDir)).toEqual([]);
  },
  180_000,
);

it("halves and doubles the rate of clips whose ends fall on frames", async () => {
  const even = clips.filter(({ index }) => index.sizes.length % 2 === 0);
  for (const fps of [15, 60]) {
    const settings = create(TranscodeSchema, { container: MP4, shortSide: 90, background: "#000000", fps });
    for (const clip of even) {
      const own = await fileOf(await written(`${clip.hash}.mp4`, layOut([clip])));
      const { payloadPath, index } = await clipTrack(own, clipSettings(settings), clip.index, await workOf());
      expect(index.track?.value).toMatchObject({
        sizes: expect.toSatisfy((sizes: number[]) => sizes.length === (clip.index.sizes.length * fps) / 30),
      });
      await rm(payloadPath);
    }
  }
}, 120_000);

it.each([
  ["h264", { container: MP4, shortSide: 90 }],
  ["hevc", { container: MP4, shortSide: 90, videoCodec: VideoCodec.HEVC }],
  ["vp9", { container: WEBM, shortSide: 90 }],
])(
  "joins clips that a cap has encoded again with those below it: %s",
  async (codec, settings) => {
    const pair = [clips[1] as Clip, clips[4] as Clip];
    const ratesOf = ({ all }: Awaited<ReturnType<typeof joined>>) => all.clips.map(({ index }) => kbpsOf(index.track));
    const [one = 0, other = 0] = ratesOf(await joined(`uncapped.${codec}`, settings, pair));
    const maxVideoKbps = Math.round((one + other) / 2);
    const capped = await joined(`capped.${codec}`, { ...settings, maxVideoKbps }, pair);
    for (const kbps of ratesOf(capped)) expect(kbps).toBeLessThanOrEqual(maxVideoKbps);
    expect(await decodedFrames(capped.path)).toHaveLength(47);
  },
  120_000,
);

/** Average of a clip's packets. */
function kbpsOf({ case: kind, value }: Tracks["clips"][number]["index"]["track"]): number {
  if (kind !== "clip") throw new Error("It is no clip.");
  const seconds = (value.sizes.length * value.sampleDuration) / value.timescale;
  return (value.sizes.reduce((sum, size) => sum + size, 0) * 8) / 1000 / seconds;
}

it("gives the same bytes again", async () => {
  const twice = [];
  for (const name of ["one.webm", "two.webm"]) {
    const { path } = await joined(name, { container: WEBM, shortSide: 64 }, clips.slice(1));
    twice.push(await readFile(path));
  }
  expect(twice[0]).toEqual(twice[1]);
}, 120_000);
