import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { probe } from "@polyreel/media/probe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visibleFiles } from "../testing/left-behind.js";
import { makeFootage } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type CurlAnswer, curl, json } from "./curl.js";

// Each line of the dialects' tables, by curl against real services.

const ffmpeg = (...options: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...options]);
const ID = expect.stringMatching(/^b[a-z2-7]{20}$/);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const WITHIN = { timeout: 60_000, interval: 100 };

let pipeline: Pipeline;
let api: string;
let clip: string;
let sha256: string;
let mute: string;
let picture: string;
let wide: string;

beforeAll(async () => {
  pipeline = await startPipeline({
    POLYREEL_REST_OUTPUTS: "thumbnail, audio_extract, transcode_480p, transcode_720p, transcode_webm_480p",
  });
  api = `${pipeline.url}/api/v1`;
  clip = await makeFootage(pipeline.folder, "Präsentation 1.mp4", { seconds: 2, size: "640x360", rate: 25 });
  sha256 = createHash("sha256")
    .update(await readFile(clip))
    .digest("hex");
  mute = await makeFootage(pipeline.folder, "mute.mp4", { seconds: 1, sound: false, size: "160x90" });
  wide = await makeFootage(pipeline.folder, "wide.mp4", { seconds: 1, size: "1000x500" });
  picture = join(pipeline.folder, "card.png");
  await ffmpeg("-f", "lavfi", "-i", "color=orange:s=200x300", "-frames:v", "1", picture);
});
afterAll(() => pipeline?.close());

/** The answer of a job or video once it has ended. */
async function ended(url: string): Promise<CurlAnswer["body"]> {
  let last: CurlAnswer | undefined;
  const status = async () => {
    last = await curl(url);
    return last.body.status;
  };
  await expect.poll(status, WITHIN).toMatch(/^(completed|failed)$/);
  return last?.body;
}

async function probed(answer: CurlAnswer, name: string) {
  const path = join(pipeline.folder, name);
  await writeFile(path, Buffer.from(answer.body, "latin1"));
  return probe(path, { signal: new AbortController().signal });
}

const upload = async (path: string): Promise<string> =>
  (await curl("-F", `file=@${path}`, `${api}/upload`)).body.file_id;
const newJob = async (body: object, base = api): Promise<string> =>
  (await curl(...json(body), `${base}/jobs`)).body.job_id;

describe.each([
  ["at the root", () => pipeline.url],
  ["below /api/v1", () => api],
])("media and jobs, %s", (_, base) => {
  it("uploads media, makes artifacts of it, and links to them", async () => {
    const media = await curl("-F", `file=@${clip}`, `${base()}/media`);
    expect(media).toMatchObject({ status: 201, body: { media_id: sha256, object_key: `sources/${sha256}` } });
    const operations = ["thumbnail", "audio_extract"];
    const created = await curl(...json({ media_id: sha256, operations }), `${base()}/jobs`);
    expect(created).toEqual({ status: 202, type: expect.stringMatching(/json/), body: { job_id: ID } });
    const { job_id } = created.body;
    const job = await ended(`${base()}/jobs/${job_id}`);
    expect(job).toMatchObject({ job_id, status: "completed", progress: 100, media_id: sha256, error: null });
    const { status, body } = await curl(`${base()}/media/${sha256}/artifacts`);
    expect([status, body.media_id]).toEqual([200, sha256]);
    const artifacts = body.artifacts.filter((one: { job_id: string }) => one.job_id === job_id);
    expect(artifacts).toMatchObject([
      { operation: "thumbnail", status: "completed", format: "jpg", size: expect.any(Number) },
      { operation: "audio_extract", status: "completed", format: "m4a", object_key: expect.stringContaining(job_id) },
    ]);
    const [thumbnail, sound] = await Promise.all(
      artifacts.map(({ url }: { url: string }) => curl(new URL(url, pipeline.url).href)),
    );
    expect(thumbnail).toMatchObject({ status: 200, type: "image/jpeg" });
    expect((await probed(thumbnail, "a.jpg")).video).toMatchObject({ codec: "mjpeg", width: 320, height: 180 });
    expect((await probed(sound, "a.m4a")).audio?.durationSeconds).toBeCloseTo(2, 1);
  });
});

describe.each([
  ["at the root", () => pipeline.url],
  ["below /api/v1", () => api],
])("files and one operation, %s", (_, base) => {
  it("uploads a file, makes a thumbnail, and returns it", async () => {
    const uploaded = await curl("-F", `file=@${picture}`, `${base()}/upload`);
    expect(uploaded).toMatchObject({ status: 201, body: { file_id: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    const { file_id } = uploaded.body;
    const job_id = await newJob({ file_id, operation: "thumbnail" }, base());
    const job = await ended(`${base()}/jobs/${job_id}`);
    expect(job).toMatchObject({ job_id, status: "completed", download_url: `/jobs/${job_id}/download` });
    expect(existsSync(join(pipeline.out, job.result_path))).toBe(true);
    const result = await curl(base() + job.download_url);
    expect(result).toMatchObject({ status: 200, type: "image/jpeg" });
    expect((await probed(result, "b.jpg")).video).toMatchObject({ width: 200, height: 300 }); // Not larger than its source.
  });
});

it.each([
  ["video_thumbnail", "image/jpeg", { width: 320, height: 180 }],
  ["audio_extract", "audio/mp4", undefined],
  ["contact_sheet", "image/jpeg", { width: expect.any(Number), height: expect.any(Number) }],
])("makes %s", async (operation, type, video) => {
  const job_id = await newJob({ file_id: await upload(clip), operation });
  expect(await ended(`${api}/jobs/${job_id}`)).toMatchObject({ status: "completed", operations: [operation] });
  const result = await curl(`${api}/jobs/${job_id}/download`);
  expect(result).toMatchObject({ status: 200, type });
  const found = (await probed(result, operation)).video;
  if (video) expect(found).toMatchObject(video);
  else expect(found).toBeUndefined();
});

const METADATA = {
  ...{ duration: expect.closeTo(2, 1), format: "mp4", resolution: "640x360", frameRate: 25 },
  ...{ bitrate: expect.any(Number), audioCodec: "aac", videoCodec: "h264", fileSize: expect.any(Number) },
};

it("answers video_metadata as a job that is completed at once", async () => {
  const job_id = await newJob({ file_id: await upload(clip), operation: "video_metadata" });
  const job = await curl(`${api}/jobs/${job_id}`);
  expect(job.body).toMatchObject({ job_id, status: "completed", download_url: `/jobs/${job_id}/download` });
  expect((await curl(api + job.body.download_url)).body).toEqual(METADATA);
});

it("transcodes a video to the qualities that it has, and compresses it", async () => {
  const operations = ["transcode_480p", "transcode_720p", "video_compress"];
  const job_id = await newJob({ media_id: await upload(wide), operations });
  expect(await ended(`${api}/jobs/${job_id}`)).toMatchObject({ status: "completed", operations });
  const sizes = operations.map(async (operation) => {
    const result = await curl(`${api}/jobs/${job_id}/download?operation=${operation}`);
    expect(result).toMatchObject({ status: 200, type: "video/mp4" });
    const { video, audio } = await probed(result, `${operation}.mp4`);
    expect(audio?.codec).toBe("aac");
    return `${video?.codec} ${video?.width}x${video?.height}`;
  });
  // 480p is twice as wide as high, like its source.
  expect(await Promise.all(sizes)).toEqual([...["h264 960x480", "h264 1000x500", "h264 1000x500"]]);
  const above = { media_id: await upload(wide), operations: ["transcode_480p", "transcode_webm_4k"] };
  expect((await curl(...json(above), `${api}/jobs`)).body).toMatchObject({
    status: 400,
    detail: expect.stringMatching(
      /operations\[1\]: The video has 1000x500 pixels: transcode_webm_4k would enlarge it\. Use transcode_webm_720p\./,
    ),
  });
});

it.each(["transcode_480p", "video_compress"])("does not %s an image", async (operation) => {
  const answer = await curl(...json({ file_id: await upload(picture), operation }), `${api}/jobs`);
  expect(answer).toMatchObject({ status: 400, type: expect.stringContaining("problem+json") });
  expect(answer.body.detail).toContain(`The operation ${operation} is not for images`);
});

it("resizes an image, in its own format, and does not enlarge it", async () => {
  const large = join(pipeline.folder, "large.webp");
  await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=2000x1000", "-frames:v", "1", large);
  const sizes = [];
  for (const path of [large, picture]) {
    const job_id = await newJob({ file_id: await upload(path), operation: "resize" });
    expect((await ended(`${api}/jobs/${job_id}`)).status).toBe("completed");
    const result = await curl(`${api}/jobs/${job_id}/download`);
    const { width, height, codec } = (await probed(result, "resized")).video ?? {};
    sizes.push([result.type, codec, width, height]);
  }
  expect(sizes).toEqual([
    ["image/webp", "webp", 1280, 640],
    ["image/png", "png", 200, 300],
  ]);
});

it("marks images and videos, by an uploaded image or a text", async () => {
  const logo = join(pipeline.folder, "logo.png");
  await ffmpeg("-f", "lavfi", "-i", "color=blue:s=40x40", "-frames:v", "1", logo);
  const mark = { watermark_file_id: await upload(logo) };
  const image = await newJob({ file_id: await upload(picture), operation: "watermark", ...mark });
  expect((await ended(`${api}/jobs/${image}`)).status).toBe("completed");
  const png = await curl(`${api}/jobs/${image}/download`);
  expect((await probed(png, "marked.png")).video).toMatchObject({ codec: "png", width: 200, height: 300 });
  const crop = "crop=20:20:150:250,scale=1:1:flags=area,format=rgb24";
  const pixel = join(pipeline.folder, "pixel.rgb");
  await ffmpeg("-i", join(pipeline.folder, "marked.png"), "-vf", crop, "-f", "rawvideo", pixel);
  expect([...(await readFile(pixel))]).toEqual([expect.closeTo(0, -1), expect.closeTo(0, -1), expect.closeTo(254, -1)]);
  const video = await newJob({ media_id: await upload(clip), operations: ["watermark"], watermark_text: "© Shop" });
  expect((await ended(`${api}/jobs/${video}`)).status).toBe("completed");
  const mp4 = await curl(`${api}/jobs/${video}/download`);
  expect((await probed(mp4, "marked.mp4")).video).toMatchObject({ codec: "h264", width: 640, height: 360 });
});

it.each([
  [{}, "watermark_file_id, the id of an uploaded image, or watermark_text"],
  [{ watermark_text: " " }, "shows nothing"],
  [{ watermark_text: "x", watermark_file_id: "clip" }, "two watermarks"],
  [{ watermark_file_id: "clip" }, "not an image"],
  [{ watermark_text: "x", operation: "resize" }, "draws a watermark"],
])("answers 400 to the watermark %j", async (fields, reason) => {
  const named = "watermark_file_id" in fields ? { watermark_file_id: await upload(clip) } : {};
  const body = { file_id: await upload(picture), operation: "watermark", ...fields, ...named };
  const answer = await curl(...json(body), `${api}/jobs`);
  expect(answer).toMatchObject({ status: 400, body: { failure: { field: expect.stringContaining("watermark_") } } });
  expect(answer.body.detail).toContain(reason);
});

describe("videos", () => {
  let id: string;
  const form = (path: string) => ["-F", "title=Keynote: day 1", "-F", `file=@${path}`];

  it("uploads a video with its title, and processes it", async () => {
    const fields = ["-F", "description=The first\nday", "-F", 'metadata={"sku": "0047", "year": 2026}'];
    const { status, body } = await curl(...form(clip), ...fields, `${api}/videos/upload`);
    expect(status).toBe(201);
    id = body.id;
    expect(body).toEqual({
      ...{ id: ID, filename: "Präsentation 1.mp4", title: "Keynote: day 1", status: "pending" },
      ...{ uploadProgress: 100, createdAt: TIME, url: expect.stringContaining(`/videos/${id}/download`) },
    });
    const original = await curl(new URL(body.url, pipeline.url).href);
    expect(original).toMatchObject({ status: 200, type: "video/mp4" });
    expect(Buffer.from(original.body, "latin1").equals(await readFile(clip))).toBe(true);
  });

  it("has a status with its results", async () => {
    const video = await ended(`${api}/videos/${id}/status`);
    const { size } = await stat(clip);
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
    const web = await curl(new URL(transcoded.urls["480p"], pipeline.url).href);
    expect((await probed(web, "web.mp4")).video).toMatchObject({ codec: "h264", width: 640, height: 360 });
    const thumbnail = await curl(new URL(urls.thumbnail, pipeline.url).href);
    expect((await probed(thumbnail, "c.jpg")).video).toMatchObject({ width: 320, height: 180 });
    const [combination] = (await pipeline.batches.listCombinations({ batchId: id })).combinations;
    expect(combination?.metadata).toMatchObject({ "input.sku": "0047", "input.year": "2026" });
  });

  it("is a job of the same id", async () => {
    expect((await curl(`${api}/jobs/${id}`)).body).toMatchObject({
      ...{ id, videoId: id, status: "completed", progress: 100, currentTask: null },
      ...{ startedAt: TIME, completedAt: TIME, error: null },
    });
  });

  it("has the metadata of its file", async () => {
    expect(await curl(`${api}/videos/${id}/metadata`)).toMatchObject({ status: 200, body: METADATA });
  });

  it("is downloaded as it was uploaded, by ranges too, and in the qualities that were made", async () => {
    const whole = await curl(`${api}/videos/${id}/download?format=mp4`);
    expect(Buffer.from(whole.body, "latin1").equals(await readFile(clip))).toBe(true);
    const range = await curl("-r", "100-199", `${api}/videos/${id}/download`);
    expect(range.status).toBe(206);
    expect(range.body).toBe(whole.body.slice(100, 200));
    const head = await curl("-I", `${api}/videos/${id}/download`);
    expect(head.body).toMatch(/content-disposition: attachment; .*filename\*=UTF-8''Pr%C3%A4sentation%201\.mp4/i);
    const small = await curl(`${api}/videos/${id}/download?format=mp4&quality=480p`);
    expect(small).toMatchObject({ status: 200, type: "video/mp4" });
    expect((await probed(small, "480p.mp4")).video).toMatchObject({ codec: "h264", width: 640, height: 360 });
    const open = await curl(`${api}/videos/${id}/download?format=webm&quality=480p`);
    expect(open).toMatchObject({ status: 200, type: "video/webm" });
    expect((await probed(open, "480p.webm")).video).toMatchObject({ codec: "vp9", width: 640, height: 360 });
    for (const [query, status, reason] of [
      ["format=mp4&quality=720p", 404, "not transcoded to 720p. It has 480p."],
      ["format=webm&quality=720p", 404, "not transcoded to 720p webm. It has 480p."],
      ["format=avi", 404, "not in avi"],
      ["format=hls", 501, "HLS comes with a later release"],
    ] as const) {
      const answer = await curl(`${api}/videos/${id}/download?${query}`);
      expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(reason) } });
    }
  });

  it("has the qualities that later jobs made of its file", async () => {
    const { media_id } = (await curl(`${api}/jobs/${id}`)).body;
    const job_id = await newJob({ media_id, operations: ["contact_sheet", "transcode_webm_480p"] });
    expect(await ended(`${api}/jobs/${job_id}`)).toMatchObject({ status: "completed" });
    const { processingDetails } = (await curl(`${api}/videos/${id}/status`)).body;
    expect(processingDetails.formats.map((one: { qualities: string[] }) => one.qualities)).toEqual([
      ...[["thumbnail"], ["audio_extract"], ["480p"], ["480p"]],
    ]);
    const large = await curl(...form(wide), `${api}/videos/upload`);
    await ended(`${api}/videos/${large.body.id}/status`);
    const download = `${api}/videos/${large.body.id}/download?quality=720p&format=webm`;
    expect((await curl(download)).status).toBe(404);
    const later = await newJob({ media_id: await upload(wide), operations: ["transcode_webm_720p"] });
    await ended(`${api}/jobs/${later}`);
    const open = await curl(download);
    expect(open).toMatchObject({ status: 200, type: "video/webm" });
    expect((await probed(open, "later.webm")).video).toMatchObject({ codec: "vp9", width: 1000, height: 500 });
    expect((await curl("-X", "DELETE", `${api}/videos/${large.body.id}`)).status).toBe(204);
  });

  it("lists pages, the newest first, and by status", async () => {
    const more = [];
    for (let i = 0; i < 2; i++) more.push((await curl(...form(mute), `${api}/videos/upload`)).body.id);
    for (const one of more) await ended(`${api}/videos/${one}/status`);
    const list = async (query: string) => (await curl(`${api}/videos${query}`)).body;
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
    const [failed] = (await curl(`${api}/videos?status=failed`)).body.data;
    const job = `${api}/jobs/${failed.id}`;
    expect((await curl(job)).body.error).toContain("The file has no sound.");
    for (let i = 0; i < 3; i++) {
      const answer = await curl("-X", "POST", `${job}/retry`);
      expect(answer).toMatchObject({ status: 200, body: { id: failed.id, status: "pending", retriedAt: TIME } });
      expect((await ended(job)).status).toBe("failed");
    }
    const refused = await curl("-X", "POST", `${job}/retry`);
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("3 times already") } });
    const completed = await curl("-X", "POST", `${api}/jobs/${id}/retry`);
    expect(completed).toMatchObject({ status: 409, body: { detail: expect.stringContaining("only failed ones") } });
  });

  it("counts in the statistics", async () => {
    expect(await curl(`${api}/stats`)).toMatchObject({
      status: 200,
      body: {
        ...{ totalVideos: 3, processingVideos: 0, completedToday: 1, failedToday: 2, queueLength: 0 },
        averageProcessingTime: expect.any(Number),
      },
    });
  });

  it("is deleted with its results", async () => {
    const { result_path } = (await curl(`${api}/jobs/${id}`)).body;
    expect(await curl("-X", "DELETE", `${api}/videos/${id}`)).toEqual({ status: 204, type: "", body: "" });
    for (const path of [`videos/${id}/status`, `videos/${id}/download`, `jobs/${id}`])
      expect((await curl(`${api}/${path}`)).status).toBe(404);
    expect((await curl("-X", "DELETE", `${api}/videos/${id}`)).status).toBe(404);
    expect((await curl(`${api}/videos`)).body.pagination.total).toBe(2);
    await expect.poll(() => existsSync(join(pipeline.out, result_path)), WITHIN).toBe(false);
  });

  it("is deleted while it is processed", async () => {
    const { id } = (await curl(...form(clip), `${api}/videos/upload`)).body;
    expect((await curl("-X", "DELETE", `${api}/videos/${id}`)).status).toBe(204);
    expect((await curl(`${api}/videos/${id}/status`)).status).toBe(404);
    await expect
      .poll(async () => (await visibleFiles(pipeline.out)).filter((path) => path.startsWith(id)), WITHIN)
      .toEqual([]);
  });

  it.each([
    ["mov", ["-c", "copy"], "video/quicktime"],
    ["mkv", ["-c", "copy"], "video/x-matroska"],
    ["avi", ["-c:v", "mpeg4", "-c:a", "mp3"], "video/x-msvideo"],
    ["webm", ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-s", "160x90"], "video/webm"],
  ])("may be %s", async (format, options, type) => {
    const path = join(pipeline.folder, `film.${format}`);
    await ffmpeg("-i", clip, ...options, path);
    const { status, body } = await curl(...form(path), `${api}/videos/upload`);
    expect(status).toBe(201);
    expect((await curl(`${api}/videos/${body.id}/metadata`)).body.format).toBe(format);
    expect((await curl(`${api}/videos/${body.id}/download`)).type).toBe(type);
    expect((await ended(`${api}/videos/${body.id}/status`)).status).toBe("completed");
  });
});

it("is healthy, without a token and with one", async () => {
  const healthy = {
    status: 200,
    body: { status: "healthy", timestamp: TIME, services: { database: "ok", stream: "ok", storage: "ok" } },
  };
  expect(await curl(`${api}/health`)).toMatchObject(healthy);
  expect(await curl("-H", "Authorization: Bearer a.b.c", `${api}/health`)).toMatchObject(healthy);
  expect((await curl("-H", "Authorization: Bearer a.b.c", `${api}/videos`)).status).toBe(200);
});

it("keeps one tenant's files, jobs and videos from another", async () => {
  const as = (tenant: string, ...args: string[]) => curl("-H", `polyreel-tenant: ${tenant}`, ...args);
  const { media_id } = (await as("acme", "-F", `file=@${mute}`, `${api}/media`)).body;
  const { job_id } = (await as("acme", ...json({ media_id, operations: ["thumbnail"] }), `${api}/jobs`)).body;
  const { id } = (await as("acme", "-F", `file=@${mute}`, `${api}/videos/upload`)).body;
  const paths = [`media/${media_id}/artifacts`, `jobs/${job_id}`, `jobs/metadata-${media_id}`, `videos/${id}/status`];
  for (const path of [...paths, `videos/${id}/download`]) {
    expect([path, (await as("acme", `${api}/${path}`)).status]).toEqual([path, 200]);
    expect([path, (await as("globex", `${api}/${path}`)).status]).toEqual([path, 404]);
  }
  expect((await as("globex", "-X", "DELETE", `${api}/videos/${id}`)).status).toBe(404);
  expect((await as("globex", "-X", "POST", `${api}/jobs/${job_id}/retry`)).status).toBe(404);
  expect((await as("globex", ...json({ file_id: media_id, operation: "thumbnail" }), `${api}/jobs`)).status).toBe(404);
  expect((await as("globex", `${api}/videos`)).body.pagination.total).toBe(0);
  expect((await as("acme", `${api}/videos`)).body.pagination.total).toBe(1);
  expect((await as("acme", `${api}/stats`)).body.totalVideos).toBe(1);
  expect((await as("No Tenant", `${api}/videos`)).status).toBe(400);
});

it("answers after the gateway was killed as before", async () => {
  const file_id = await upload(clip);
  const job_id = await newJob({ file_id, operation: "thumbnail" });
  const before = await ended(`${api}/jobs/${job_id}`);
  await pipeline.services.gateway.kill("SIGKILL");
  await pipeline.start("gateway").logged(/^listening/);
  await expect.poll(async () => (await curl(`${api}/jobs/${job_id}`)).body, WITHIN).toEqual(before);
});
