import { expect, it } from "vitest";
import { seekTo } from "./seek.js";

const video = { codec: "", width: 2, height: 2, rotationDegrees: 0, frameRate: 30, durationSeconds: 100, still: false };
const mp4 = { container: "mov,mp4,m4a,3gp,3g2,mj2", video: { ...video, startSeconds: 0.5 } };
const ts = { container: "mpegts", video: { ...video, startSeconds: 1.4 } };
const ss = (target: string) => ["-seek_timestamp", "1", "-ss", target, "-noaccurate_seek"];

it.each([
  ["from the first picture", 0, mp4, { inputOptions: [], fromFirstPicture: true, startSeconds: 0 }],
  ["by the index", 2.25, mp4, { inputOptions: ss("2.750000"), fromFirstPicture: false, startSeconds: 0 }],
  ["near the start, without an index", 10, ts, { inputOptions: [], fromFirstPicture: true, startSeconds: 10 }],
  [
    "far in, without an index",
    60,
    ts,
    { inputOptions: ss("46.400000"), fromFirstPicture: false, clockSeconds: 46.4, startSeconds: 15 },
  ],
])("begins %s", (_what, start, source, seek) => {
  expect(seekTo(start, source)).toEqual(seek);
});
