import { afterAll, beforeAll, expect, it } from "vitest";
import { manyTracks } from "../hostile/nestings.js";
import { runBatch } from "../testing/batches.js";
import { audio, bed, footage, still, video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { claimingLength, cut, makeStill, remade, unknownHash, write } from "./damage.js";
import { type BadChoices, expectVerdict } from "./input-verdict.js";

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline?.close());

const BAD: BadChoices = {
  hook: {
    missing: /^"missing\.mp4": The source is not in the store/,
    words: /^"words\.mp4": The file is text, not media/,
    page: /^"page\.mp4": The file is a web page/,
    noise: /^"noise\.mp4": The file is not media that ffmpeg can read/,
    picture: /^"picture\.mp4": The file is a still picture, not a video/,
    sound: /^"sound\.mp4": The file has sound but no picture/,
    "index lost": /^"index lost\.mp4": The file is incomplete: its index is missing/,
    // The actual length is reported in seconds: about 1.1 of 2.
    "data lost": /^"data lost\.mp4": The picture ends after 1\.\d\d s of 2\.00 s: .*truncated/,
    "webm cut": /^"webm cut\.mp4": The picture ends after 0\.\d\d s of 2\.00 s: .*truncated/,
    decades: /^"decades\.mp4": The footage is declared as 999999960\.00 s long/,
    // It used to fail the whole batch: ffprobe reports that memory has run out.
    tracks: /^"tracks\.mp4": The file has more streams than are accepted/,
    month: /^"month\.mp4": The footage is declared as 2599980\.00 s long/,
  },
  tail: { film: /^"film\.png": The file is a video, not a still picture/ },
  music: {
    mute: /^"mute\.wav": The file has no sound/,
    words: /^"words\.wav": The file is text, not media/,
  },
};

it("delivers combinations without bad sources, and names source and reason for each other one", async () => {
  const { folder } = pipeline;
  const whole = await makeFootage(folder, "whole.mp4", { seconds: 2 });
  const front = await remade(whole, "front.mp4", ["-c", "copy", "-movflags", "+faststart"]);
  const webm = await remade(whole, "whole.webm", ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"]);
  const mp3 = await remade(whole, "whole.mp3", ["-vn"]);
  const mute = await makeFootage(folder, "mute.mp4", { sound: false });
  const picture = await makeStill(folder, "picture.png");
  const chord = await makeBed(folder, "chord.wav");
  const stored = async (path: string | Promise<string>) => put(pipeline, await path);

  const ended = await runBatch(pipeline, {
    blocks: [
      video("hook", {
        choices: [
          footage("good", await stored(whole)),
          footage("missing", unknownHash("missing")),
          footage("words", await stored(write(folder, "words.mp4", "These are words, not pictures.\n"))),
          footage("page", await stored(write(folder, "page.mp4", "<!doctype html><title>404</title>"))),
          footage("noise", await stored(write(folder, "noise.mp4", Buffer.alloc(5000, "q\0\x01zz")))),
          footage("picture", await stored(picture)),
          footage("sound", await stored(chord)),
          footage("index lost", await stored(cut(whole, 0.6))),
          footage("data lost", await stored(cut(front, 0.6))),
          // The intact part of a file can be used.
          footage("data lost later", await stored(cut(front, 0.6)), { trim: { duration: { seconds: 1n } } }),
          footage("webm cut", await stored(cut(webm, 0.4))),
          footage("decades", await stored(claimingLength(whole, "decades.mp4", 1e9))),
          footage("tracks", await stored(write(folder, "tracks.mp4", manyTracks()))),
          footage("month", await stored(claimingLength(whole, "month.mp4", 2.6e6))),
        ],
      }),
      video("tail", { choices: [still("card", await stored(picture)), still("film", await stored(whole))] }),
      audio("music", {
        choices: [
          bed("none"),
          bed("chord", await stored(chord)),
          // Sound that stops early is played as far as it goes.
          bed("mp3 cut", await stored(cut(mp3, 0.5))),
          bed("mute", await stored(mute)),
          bed("words", await stored(write(folder, "words.mp3", "Words"))),
        ],
      }),
    ],
  });
  await expectVerdict(pipeline, ended, BAD);
  expect(ended.status.combinations?.delivered).toBe(2n * 3n);
  await expectNothingLeft(pipeline);
});
