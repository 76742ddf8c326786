import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import {
  bodies,
  calls,
  drawStill,
  flavourOfHue,
  hooks,
  makeFilm,
  photo,
  songs,
  talks,
  writeSong,
} from "polyreel/demo/media";

const { signal } = new AbortController();
const run = promisify(execFile);

const VERTICAL = { width: 180, height: 320 };
const WIDE = { width: 480, height: 270 };
const SQUARE = { width: 320, height: 320 };
const STILL = { width: 320, height: 480 };

/** Hues of the flavours in batches/products.csv, in degrees. */
const FLAVOURS = {
  ...{ lemon: 48, orange: 24, "blood-orange": 10, raspberry: 340, cherry: 352, grape: 275 },
  ...{ blueberry: 225, mint: 160, lime: 95, peach: 30 },
};

/** The media of the guide's batch files, as different in shape and length as people's are: parts of the demo's. */
export async function makeMedia(folder: string, work: string): Promise<void> {
  await mkdir(folder);
  const at = (name: string) => join(folder, name);
  const sound = join(work, "sunny.wav");
  const sunny = songs.sunny();
  await writeSong(sunny, sound, signal);
  await writeSong(sunny, at("music.mp3"), signal);
  for (const [name, scene] of Object.entries(talks))
    await makeFilm(scene, at(`${name}.mp4`), { ...WIDE, seconds: 1.2, sound }, signal);
  const film = { start: 1.2, sound };
  await makeFilm(hooks.sunrise, at("hook-a.mp4"), { ...VERTICAL, ...film, seconds: 1.2 }, signal);
  await makeFilm(hooks.trio, at("hook-b.mp4"), { ...WIDE, ...film, seconds: 1.5 }, signal);
  await makeFilm(hooks.pattern, at("hook-c.mp4"), { ...SQUARE, ...film, seconds: 1.4 }, signal);
  await makeFilm(bodies.ice, at("body-demo.mp4"), { ...WIDE, ...film, seconds: 1.2 }, signal);
  await makeFilm(bodies.review, at("body-review.mp4"), { ...VERTICAL, ...film, seconds: 1 }, signal);
  const still = async (name: string, scene: Parameters<typeof drawStill>[0], seconds = 2) =>
    writeFile(at(name), await drawStill(scene, { ...STILL, at: seconds }));
  await still("cta-shop.jpg", calls.shop);
  await still("cta-call.jpg", calls.phone);
  // Before the can comes in.
  await still("background.jpg", hooks.pattern, 0);
  for (const [name, hue] of Object.entries(FLAVOURS)) await still(`${name}.jpg`, photo(flavourOfHue(name, hue)));
  await makeMany(folder);
  await makeRecordings(folder);
  await runFfmpeg({
    inputs: [{ lavfi: "anoisesrc=d=0.3:a=0.3:r=48000:seed=1" }],
    outputs: [{ file: at("whoosh.wav"), options: [] }],
    signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 20,
  });
}

/** Recordings of a speaker, one of them with the times of its words. */
async function makeRecordings(folder: string): Promise<void> {
  await mkdir(join(folder, "vo"));
  const say = (file: string, text: string) =>
    run("flite", ["-voice", "slt", "-t", text, "-o", join(folder, file)], { signal });
  await say("vo/ann.wav", "Half price today");
  await say("vo/bob.wav", "Come and see us");
  await say("launch.wav", "Everything is new");
  await writeFile(join(folder, "launch.srt"), "1\n00:00:00,100 --> 00:00:00,900\nEverything is new\n");
}

/** Ten hooks, ten bodies and five songs, short and small: there are many videos of them. */
async function makeMany(folder: string): Promise<void> {
  for (const kind of ["hooks", "bodies", "songs"]) await mkdir(join(folder, kind));
  const size = { width: 90, height: 160 };
  for (const [name, hue] of Object.entries(FLAVOURS))
    await makeFilm(
      photo(flavourOfHue(name, hue)),
      join(folder, "hooks", `${name}.mp4`),
      { ...size, seconds: 0.5 },
      signal,
    );
  const scenes = [bodies.facts, bodies.review, bodies.ice];
  for (let n = 0; n < 10; n++) {
    const scene = scenes[n % scenes.length] ?? bodies.ice;
    const start = 0.5 + 0.6 * Math.floor(n / scenes.length);
    await makeFilm(scene, join(folder, "bodies", `body-${n + 1}.mp4`), { ...size, start, seconds: 0.5 }, signal);
  }
  const hertz = [262, 294, 330, 349, 392];
  await runFfmpeg({
    inputs: hertz.map((pitch) => ({ lavfi: `sine=f=${pitch}:r=48000:d=1` })),
    outputs: hertz.map((pitch, i) => ({
      file: join(folder, "songs", `song-${pitch}.wav`),
      options: ["-map", `${i}:a`],
    })),
    signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 20,
  });
}
