import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { visibleFiles } from "../testing/left-behind.js";
import { curl } from "./curl.js";
import {
  ended,
  ffmpeg,
  ID,
  METADATA,
  newJob,
  probed,
  type RestServer,
  startRestServer,
  TIME,
  upload,
  WITHIN,
} from "./rest-server.js";

// The lines about videos of the dialects' tables, by curl against real services.

let rest: RestServer;
beforeAll(async () => {
  rest = await startRestServer();
});
afterAll(() => rest?.pipeline.close());

let id: string;
const form = (path: string) => ["-F", "title=Keynote: day 1", "-F", `file=@${path}`];

it("uploads a video with its title, and processes it", async () => {
  const fields = ["-F", "description=The first\nday", "-F", 'metadata={"sku": "0047", "year": 2026}'];
  const { status, body } = await curl(...form(rest.clip), ...fields, `${rest.api}/videos/upload`);
  expect(status).toBe(201);
  id = body.id;
  expect(body).toEqual({
    ...{ id: ID, filename: "Präsentation 1.mp4", title: "Keynote: day 1", status: "pending" },
    ...{ uploadProgress: 100, createdAt: TIME, url: expect.stringContaining(`/videos/${id}/download`) },
  });
  const original = await curl(new URL(body.url, rest.pipeline.url).href);
  expect(original).toMatchObject({ status: 200, type: "video/mp4" });
  expect(Buffer.from(original.body, "latin1").equals(await readFile(rest.clip))).toBe(true);
});

it("has a status with its results", async () => {
  const video = await ended(`${rest.api}/videos/${id}/status`);
  const { size } = await stat(rest.clip);
  expect(video).toEqual({
    ...{ id, title: "Keynote: day 1", status: "completed", progress: 100, fileSize: size },
    ...{ duration: expect.closeTo(2, 1), createdAt: TIME, completedAt: TIME },
    processingDetails: {
      formats: [
        { format: "jpg", qualities: ["thumbnail"], status: "completed", urls: { thumbnail: expect.any(String) } },
        { format: "m4a", qualities: ["audio_extract"], status: "completed", urls: expect.any(Object) },
        // 640x360, so not in 720p; the lowest is always made.
        { format: "mp4", qualities: ["480p"], status: "completed", urls: { "480p": expect.any(String) } },
        { format: "webm", qualities: ["480p"], status: "completed", urls: { "480p": expect.any(String) } },
      ],
    },
  });
  const [{ urls }, , transcoded] = video.processingDetails.formats;
  const web = await curl(new URL(transcoded.urls["480p"], rest.pipeline.url).href);
  expect((await probed(rest, web, "web.mp4")).video).toMatchObject({ codec: "h264", width: 640, height: 360 });
  const thumbnail = await curl(new URL(urls.thumbnail, rest.pipeline.url).href);
  expect((await probed(rest, thumbnail, "c.jpg")).video).toMatchObject({ width: 320, height: 180 });
  const [combination] = (await rest.pipeline.batches.listCombinations({ batchId: id })).combinations;
  expect(combination?.metadata).toMatchObject({ "input.sku": "0047", "input.year": "2026" });
});

it("is a job of the same id", async () => {
  expect((await curl(`${rest.api}/jobs/${id}`)).body).toMatchObject({
    ...{ id, videoId: id, status: "completed", progress: 100, currentTask: null },
    ...{ startedAt: TIME, completedAt: TIME, error: null },
  });
});

it("has the metadata of its file", async () => {
  expect(await curl(`${rest.api}/videos/${id}/metadata`)).toMatchObject({ status: 200, body: METADATA });
});

it("is downloaded as it was uploaded, by ranges too, and in the qualities that were made", async () => {
  const whole = await curl(`${rest.api}/videos/${id}/download?format=mp4`);
  expect(Buffer.from(whole.body, "latin1").equals(await readFile(rest.clip))).toBe(true);
  const range = await curl("-r", "100-199", `${rest.api}/videos/${id}/download`);
  expect(range.status).toBe(206);
  expect(range.body).toBe(whole.body.slice(100, 200));
  const head = await curl("-I", `${rest.api}/videos/${id}/download`);
  expect(head.body).toMatch(/content-disposition: attachment; .*filename\*=UTF-8''Pr%C3%A4sentation%201\.mp4/i);
  const small = await curl(`${rest.api}/videos/${id}/download?format=mp4&quality=480p`);
  expect(small).toMatchObject({ status: 200, type: "video/mp4" });
  expect((await probed(rest, small, "480p.mp4")).video).toMatchObject({ codec: "h264", width: 640, height: 360 });
  const open = await curl(`${rest.api}/videos/${id}/download?format=webm&quality=480p`);
  expect(open).toMatchObject({ status: 200, type: "video/webm" });
  expect((await probed(rest, open, "480p.webm")).video).toMatchObject({ codec: "vp9", width: 640, height: 360 });
  for (const [query, status, reason] of [
    ["format=mp4&quality=720p", 404, "not transcoded to 720p. It has 480p."],
    ["format=webm&quality=720p", 404, "not transcoded to 720p webm. It has 480p."],
    ["format=avi", 404, "not in avi"],
    ["format=hls", 501, "HLS comes with a later release"],
  ] as const) {
    const answer = await curl(`${rest.api}/videos/${id}/download?${query}`);
    expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(reason) } });
  }
});

it("has the qualities that later jobs made of its file", async () => {
  const { media_id } = (await curl(`${rest.api}/jobs/${id}`)).body;
  const job_id = await newJob(rest, { media_id, operations: ["contact_sheet", "transcode_webm_480p"] });
  expect(await ended(`${rest.api}/jobs/${job_id}`)).toMatchObject({ status: "completed" });
  const { processingDetails } = (await curl(`${rest.api}/videos/${id}/status`)).body;
  expect(processingDetails.formats.map((one: { qualities: string[] }) => one.qualities)).toEqual([
    ...[["thumbnail"], ["audio_extract"], ["480p"], ["480p"]],
  ]);
  const large = await curl(...form(rest.wide), `${rest.api}/videos/upload`);
  await ended(`${rest.api}/videos/${large.body.id}/status`);
  const download = `${rest.api}/videos/${large.body.id}/download?quality=720p&format=webm`;
  expect((await curl(download)).status).toBe(404);
  const later = await newJob(rest, { media_id: await upload(rest, rest.wide), operations: ["transcode_webm_720p"] });
  await ended(`${rest.api}/jobs/${later}`);
  const open = await curl(download);
  expect(open).toMatchObject({ status: 200, type: "video/webm" });
  expect((await probed(rest, open, "later.webm")).video).toMatchObject({ codec: "vp9", width: 1000, height: 500 });
  expect((await curl("-X", "DELETE", `${rest.api}/videos/${large.body.id}`)).status).toBe(204);
});

it("lists pages, the newest first, and by status", async () => {
  const more = [];
  for (let i = 0; i < 2; i++) more.push((await curl(...form(rest.mute), `${rest.api}/videos/upload`)).body.id);
  for (const one of more) await ended(`${rest.api}/videos/${one}/status`);
  const list = async (query: string) => (await curl(`${rest.api}/videos${query}`)).body;
  const ids = ({ data }: { data: { id: string }[] }) => data.map((video) => video.id);
  const all = await list("");
  expect(ids(all)).toEqual([...more.toReversed(), id]);
  expect(all.pagination).toEqual({ page: 1, limit: 20, total: 3 });
  expect(all.data[2]).toEqual({
    ...{ id, title: "Keynote: day 1", status: "completed", createdAt: TIME },
    ...{ duration: expect.closeTo(2, 1), fileSize: expect.any(Number) },
  });
  const second = await list("?page=2&limit=2");
  expect([ids(second), second.pagination]).toEqual([[id], { page: 2, limit: 2, total: 3 }]);
  // Their sound cannot be extracted.
  expect(ids(await list("?status=failed"))).toEqual(more.toReversed());
  expect(await list("?status=completed")).toMatchObject({ data: [{ id }], pagination: { total: 1 } });
  expect(await list("?status=uploading")).toMatchObject({ data: [], pagination: { total: 0 } });
});

it("is retried three times if it failed", async () => {
  const [failed] = (await curl(`${rest.api}/videos?status=failed`)).body.data;
  const job = `${rest.api}/jobs/${failed.id}`;
  expect((await curl(job)).body.error).toContain("The file has no sound.");
  for (let i = 0; i < 3; i++) {
    const answer = await curl("-X", "POST", `${job}/retry`);
    expect(answer).toMatchObject({ status: 200, body: { id: failed.id, status: "pending", retriedAt: TIME } });
    expect((await ended(job)).status).toBe("failed");
  }
  const refused = await curl("-X", "POST", `${job}/retry`);
  expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("3 times already") } });
  const completed = await curl("-X", "POST", `${rest.api}/jobs/${id}/retry`);
  expect(completed).toMatchObject({ status: 409, body: { detail: expect.stringContaining("only failed ones") } });
});

it("counts in the statistics", async () => {
  expect(await curl(`${rest.api}/stats`)).toMatchObject({
    status: 200,
    body: {
      ...{ totalVideos: 3, processingVideos: 0, completedToday: 1, failedToday: 2, queueLength: 0 },
      averageProcessingTime: expect.any(Number),
    },
  });
});

it("is deleted with its results", async () => {
  const { result_path } = (await curl(`${rest.api}/jobs/${id}`)).body;
  expect(await curl("-X", "DELETE", `${rest.api}/videos/${id}`)).toEqual({ status: 204, type: "", body: "" });
  for (const path of [`videos/${id}/status`, `videos/${id}/download`, `jobs/${id}`])
    expect((await curl(`${rest.api}/${path}`)).status).toBe(404);
  expect((await curl("-X", "DELETE", `${rest.api}/videos/${id}`)).status).toBe(404);
  expect((await curl(`${rest.api}/videos`)).body.pagination.total).toBe(2);
  await expect.poll(() => existsSync(join(rest.pipeline.out, result_path)), WITHIN).toBe(false);
});

it("is deleted while it is processed", async () => {
  const { id } = (await curl(...form(rest.clip), `${rest.api}/videos/upload`)).body;
  expect((await curl("-X", "DELETE", `${rest.api}/videos/${id}`)).status).toBe(204);
  expect((await curl(`${rest.api}/videos/${id}/status`)).status).toBe(404);
  await expect
    .poll(async () => (await visibleFiles(rest.pipeline.out)).filter((path) => path.startsWith(id)), WITHIN)
    .toEqual([]);
});

it.each([
  ["mov", ["-c", "copy"], "video/quicktime"],
  ["mkv", ["-c", "copy"], "video/x-matroska"],
  ["avi", ["-c:v", "mpeg4", "-c:a", "mp3"], "video/x-msvideo"],
  ["webm", ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-s", "160x90"], "video/webm"],
])("may be %s", async (format, options, type) => {
  const path = join(rest.pipeline.folder, `film.${format}`);
  await ffmpeg("-i", rest.clip, ...options, path);
  const { status, body } = await curl(...form(path), `${rest.api}/videos/upload`);
  expect(status).toBe(201);
  expect((await curl(`${rest.api}/videos/${body.id}/metadata`)).body.format).toBe(format);
  expect((await curl(`${rest.api}/videos/${body.id}/download`)).type).toBe(type);
  expect((await ended(`${rest.api}/videos/${body.id}/status`)).status).toBe("completed");
});
