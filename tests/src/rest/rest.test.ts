import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curl, json } from "./curl.js";
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

// The lines about files and jobs of the dialects' tables, by curl against real services.

let rest: RestServer;
let sha256: string;
let picture: string;
beforeAll(async () => {
  rest = await startRestServer();
  sha256 = createHash("sha256")
    .update(await readFile(rest.clip))
    .digest("hex");
  picture = join(rest.pipeline.folder, "card.png");
  await ffmpeg("-f", "lavfi", "-i", "color=orange:s=200x300", "-frames:v", "1", picture);
});
afterAll(() => rest?.pipeline.close());

describe.each([
  ["at the root", () => rest.pipeline.url],
  ["below /api/v1", () => rest.api],
])("media and jobs, %s", (_, base) => {
  it("uploads media, makes artifacts of it, and links to them", async () => {
    const media = await curl("-F", `file=@${rest.clip}`, `${base()}/media`);
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
      artifacts.map(({ url }: { url: string }) => curl(new URL(url, rest.pipeline.url).href)),
    );
    expect(thumbnail).toMatchObject({ status: 200, type: "image/jpeg" });
    expect((await probed(rest, thumbnail, "a.jpg")).video).toMatchObject({ codec: "mjpeg", width: 320, height: 180 });
    expect((await probed(rest, sound, "a.m4a")).audio?.durationSeconds).toBeCloseTo(2, 1);
  });
});

describe.each([
  ["at the root", () => rest.pipeline.url],
  ["below /api/v1", () => rest.api],
])("files and one operation, %s", (_, base) => {
  it("uploads a file, makes a thumbnail, and returns it", async () => {
    const uploaded = await curl("-F", `file=@${picture}`, `${base()}/upload`);
    expect(uploaded).toMatchObject({ status: 201, body: { file_id: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    const { file_id } = uploaded.body;
    const job_id = await newJob(rest, { file_id, operation: "thumbnail" }, base());
    const job = await ended(`${base()}/jobs/${job_id}`);
    expect(job).toMatchObject({ job_id, status: "completed", download_url: `/jobs/${job_id}/download` });
    expect(existsSync(join(rest.pipeline.out, job.result_path))).toBe(true);
    const result = await curl(base() + job.download_url);
    expect(result).toMatchObject({ status: 200, type: "image/jpeg" });
    expect((await probed(rest, result, "b.jpg")).video).toMatchObject({ width: 200, height: 300 }); // Not larger than its source.
  });
});

it.each([
  ["video_thumbnail", "image/jpeg", { width: 320, height: 180 }],
  ["audio_extract", "audio/mp4", undefined],
  ["contact_sheet", "image/jpeg", { width: expect.any(Number), height: expect.any(Number) }],
])("makes %s", async (operation, type, video) => {
  const job_id = await newJob(rest, { file_id: await upload(rest, rest.clip), operation });
  expect(await ended(`${rest.api}/jobs/${job_id}`)).toMatchObject({ status: "completed", operations: [operation] });
  const result = await curl(`${rest.api}/jobs/${job_id}/download`);
  expect(result).toMatchObject({ status: 200, type });
  const found = (await probed(rest, result, operation)).video;
  if (video) expect(found).toMatchObject(video);
  else expect(found).toBeUndefined();
});

it("answers video_metadata as a job that is completed at once", async () => {
  const job_id = await newJob(rest, { file_id: await upload(rest, rest.clip), operation: "video_metadata" });
  const job = await curl(`${rest.api}/jobs/${job_id}`);
  expect(job.body).toMatchObject({ job_id, status: "completed", download_url: `/jobs/${job_id}/download` });
  expect((await curl(rest.api + job.body.download_url)).body).toEqual(METADATA);
});

it("transcodes a video to the qualities that it has, and compresses it", async () => {
  const operations = ["transcode_480p", "transcode_720p", "video_compress"];
  const job_id = await newJob(rest, { media_id: await upload(rest, rest.wide), operations });
  expect(await ended(`${rest.api}/jobs/${job_id}`)).toMatchObject({ status: "completed", operations });
  const sizes = operations.map(async (operation) => {
    const result = await curl(`${rest.api}/jobs/${job_id}/download?operation=${operation}`);
    expect(result).toMatchObject({ status: 200, type: "video/mp4" });
    const { video, audio } = await probed(rest, result, `${operation}.mp4`);
    expect(audio?.codec).toBe("aac");
    return `${video?.codec} ${video?.width}x${video?.height}`;
  });
  // 480p is twice as wide as high, like its source.
  expect(await Promise.all(sizes)).toEqual([...["h264 960x480", "h264 1000x500", "h264 1000x500"]]);
  const above = { media_id: await upload(rest, rest.wide), operations: ["transcode_480p", "transcode_webm_4k"] };
  expect((await curl(...json(above), `${rest.api}/jobs`)).body).toMatchObject({
    status: 400,
    detail: expect.stringMatching(
      /operations\[1\]: The video has 1000x500 pixels: transcode_webm_4k would enlarge it\. Use transcode_webm_720p\./,
    ),
  });
});

it.each(["transcode_480p", "video_compress"])("does not %s an image", async (operation) => {
  const answer = await curl(...json({ file_id: await upload(rest, picture), operation }), `${rest.api}/jobs`);
  expect(answer).toMatchObject({ status: 400, type: expect.stringContaining("problem+json") });
  expect(answer.body.detail).toContain(`The operation ${operation} is not for images`);
});

it("resizes an image, in its own format, and does not enlarge it", async () => {
  const large = join(rest.pipeline.folder, "large.webp");
  await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=2000x1000", "-frames:v", "1", large);
  const sizes = [];
  for (const path of [large, picture]) {
    const job_id = await newJob(rest, { file_id: await upload(rest, path), operation: "resize" });
    expect((await ended(`${rest.api}/jobs/${job_id}`)).status).toBe("completed");
    const result = await curl(`${rest.api}/jobs/${job_id}/download`);
    const { width, height, codec } = (await probed(rest, result, "resized")).video ?? {};
    sizes.push([result.type, codec, width, height]);
  }
  expect(sizes).toEqual([
    ["image/webp", "webp", 1280, 640],
    ["image/png", "png", 200, 300],
  ]);
});

it("marks images and videos, by an uploaded image or a text", async () => {
  const logo = join(rest.pipeline.folder, "logo.png");
  await ffmpeg("-f", "lavfi", "-i", "color=blue:s=40x40", "-frames:v", "1", logo);
  const mark = { watermark_file_id: await upload(rest, logo) };
  const image = await newJob(rest, { file_id: await upload(rest, picture), operation: "watermark", ...mark });
  expect((await ended(`${rest.api}/jobs/${image}`)).status).toBe("completed");
  const png = await curl(`${rest.api}/jobs/${image}/download`);
  expect((await probed(rest, png, "marked.png")).video).toMatchObject({ codec: "png", width: 200, height: 300 });
  const crop = "crop=20:20:150:250,scale=1:1:flags=area,format=rgb24";
  const pixel = join(rest.pipeline.folder, "pixel.rgb");
  await ffmpeg("-i", join(rest.pipeline.folder, "marked.png"), "-vf", crop, "-f", "rawvideo", pixel);
  expect([...(await readFile(pixel))]).toEqual([expect.closeTo(0, -1), expect.closeTo(0, -1), expect.closeTo(254, -1)]);
  const video = await newJob(rest, {
    media_id: await upload(rest, rest.clip),
    operations: ["watermark"],
    watermark_text: "© Shop",
  });
  expect((await ended(`${rest.api}/jobs/${video}`)).status).toBe("completed");
  const mp4 = await curl(`${rest.api}/jobs/${video}/download`);
  expect((await probed(rest, mp4, "marked.mp4")).video).toMatchObject({ codec: "h264", width: 640, height: 360 });
});

it.each([
  [{}, "watermark_file_id, the id of an uploaded image, or watermark_text"],
  [{ watermark_text: " " }, "shows nothing"],
  [{ watermark_text: "x", watermark_file_id: "clip" }, "two watermarks"],
  [{ watermark_file_id: "clip" }, "not an image"],
  [{ watermark_text: "x", operation: "resize" }, "draws a watermark"],
])("answers 400 to the watermark %j", async (fields, reason) => {
  const named = "watermark_file_id" in fields ? { watermark_file_id: await upload(rest, rest.clip) } : {};
  const body = { file_id: await upload(rest, picture), operation: "watermark", ...fields, ...named };
  const answer = await curl(...json(body), `${rest.api}/jobs`);
  expect(answer).toMatchObject({ status: 400, body: { failure: { field: expect.stringContaining("watermark_") } } });
  expect(answer.body.detail).toContain(reason);
});

it("is healthy, without a token and with one", async () => {
  const healthy = {
    status: 200,
    body: { status: "healthy", timestamp: TIME, services: { database: "ok", stream: "ok", storage: "ok" } },
  };
  expect(await curl(`${rest.api}/health`)).toMatchObject(healthy);
  expect(await curl("-H", "Authorization: Bearer a.b.c", `${rest.api}/health`)).toMatchObject(healthy);
  expect((await curl("-H", "Authorization: Bearer a.b.c", `${rest.api}/videos`)).status).toBe(200);
});

it("keeps one tenant's files, jobs and videos from another", async () => {
  const as = (tenant: string, ...args: string[]) => curl("-H", `polyreel-tenant: ${tenant}`, ...args);
  const { media_id } = (await as("acme", "-F", `file=@${rest.mute}`, `${rest.api}/media`)).body;
  const { job_id } = (await as("acme", ...json({ media_id, operations: ["thumbnail"] }), `${rest.api}/jobs`)).body;
  const { id } = (await as("acme", "-F", `file=@${rest.mute}`, `${rest.api}/videos/upload`)).body;
  const paths = [`media/${media_id}/artifacts`, `jobs/${job_id}`, `jobs/metadata-${media_id}`, `videos/${id}/status`];
  for (const path of [...paths, `videos/${id}/download`]) {
    expect([path, (await as("acme", `${rest.api}/${path}`)).status]).toEqual([path, 200]);
    expect([path, (await as("globex", `${rest.api}/${path}`)).status]).toEqual([path, 404]);
  }
  expect((await as("globex", "-X", "DELETE", `${rest.api}/videos/${id}`)).status).toBe(404);
  expect((await as("globex", "-X", "POST", `${rest.api}/jobs/${job_id}/retry`)).status).toBe(404);
  expect((await as("globex", ...json({ file_id: media_id, operation: "thumbnail" }), `${rest.api}/jobs`)).status).toBe(
    404,
  );
  expect((await as("globex", `${rest.api}/videos`)).body.pagination.total).toBe(0);
  expect((await as("acme", `${rest.api}/videos`)).body.pagination.total).toBe(1);
  expect((await as("acme", `${rest.api}/stats`)).body.totalVideos).toBe(1);
  expect((await as("No Tenant", `${rest.api}/videos`)).status).toBe(400);
});

it("answers after the gateway was killed as before", async () => {
  const file_id = await upload(rest, rest.clip);
  const job_id = await newJob(rest, { file_id, operation: "thumbnail" });
  const before = await ended(`${rest.api}/jobs/${job_id}`);
  await rest.pipeline.services.gateway.kill("SIGKILL");
  await rest.pipeline.start("gateway").logged(/^listening/);
  await expect.poll(async () => (await curl(`${rest.api}/jobs/${job_id}`)).body, WITHIN).toEqual(before);
});
