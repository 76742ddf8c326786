import { timestampDate } from "@bufbuild/protobuf/wkt";
import { PolyreelError } from "@polyreel/platform";
import pLimit from "p-limit";
import type { Standing } from "../../read-model/named-batches.js";
import { type FileResult, fileResults } from "../jobs/file-results.js";
import type { Job } from "../jobs/find-job.js";
import { namePrefix } from "../jobs/job-name.js";
import { notImplemented, operationFor, operationsFor, qualitiesIn } from "../jobs/operations.js";
import { bestOf, type Quality } from "../jobs/qualities.js";
import { removeVideo } from "../jobs/remove-video.js";
import { resultContent } from "../jobs/result-content.js";
import { resultsByFormat } from "../jobs/results-by-format.js";
import { contentTypeOf } from "../media/media-format.js";
import { metadataOf } from "../media/metadata.js";
import { originalContent } from "../media/original.js";
import { receiveUpload } from "../media/store-upload.js";
import { recordOf, videoMetadata } from "../media/video-record.js";
import type { RestParts } from "../rest-layer.js";
import { BASE, paramsOf, queryOf, type RestRequest, type Routes } from "../routes.js";
import { unchecked } from "../schemas/common.js";
import * as schemas from "../schemas/video-schemas.js";
import { sendContent } from "../send-content.js";

/** Reads of specifications for one page. */
const AT_ONCE = 8;

/** The dialect "videos": an uploaded video is one job, whose id is the video's. */
export function videoRoutes({ at }: Routes, { deps, config, jobs, submit }: RestParts): void {
  const find = (call: RestRequest) => jobs.find(paramsOf<{ id: string }>(call).id, call, "video");

  at("post", "/videos/upload", { schema: schemas.uploadVideo, ...unchecked }, async (call) => {
    const { fields, file } = await receiveUpload(call.request.raw, deps, config, { ...call, kinds: ["video"] });
    const { sha256: mediaId, fileName, facts } = file;
    const { title, metadata } = videoMetadata(fields, file);
    const operations = operationsFor(config.outputs, facts);
    const job = { kind: "video" as const, mediaId, facts, operations, fileName, title, metadata };
    const { batchId: id, submittedAt } = await submit(job, call);
    return call.reply
      .code(201)
      .header("Location", `${BASE}/videos/${id}/status`)
      .send({
        ...{ id, filename: fileName, title, status: "pending", uploadProgress: 100 },
        createdAt: isoTime(submittedAt && timestampDate(submittedAt)),
        url: deps.linkTo(`${BASE}/videos/${id}/download`, call),
      });
  });

  at("get", "/videos", { schema: schemas.listVideos }, async (call) => {
    const { page, limit, status } = queryOf<{ page: number; limit: number; status?: Standing | "uploading" }>(call);
    const named = { scope: call.scope, prefix: namePrefix("video") };
    if (status === "uploading") return { data: [], pagination: { page, limit, total: 0 } };
    await deps.model.reached(0);
    const { all } = await deps.model.namedTally({ ...named, dayBegan: new Date(0) });
    const total = status ? all[status] : Object.values(all).reduce((sum, count) => sum + count, 0);
    const found = await deps.model.namedBatches({ ...named, standing: status, offset: (page - 1) * limit, limit });
    const atOnce = pLimit(AT_ONCE);
    const data = await Promise.all(found.map((batch) => atOnce(() => jobs.of(batch))));
    return { data: data.flatMap((job) => (job ? listed(job) : [])), pagination: { page, limit, total } };
  });

  at("get", "/videos/:id/status", { schema: schemas.videoStatus }, async (call) => {
    const job = await find(call);
    const { percent, results, completedAt } = await fileResults(deps, jobs, job, call);
    const formats = resultsByFormat(results, (urlPath) => deps.linkTo(urlPath, call));
    return {
      ...listed(job),
      progress: percent,
      processingDetails: { formats },
      completedAt: completedAt?.toISOString() ?? null,
    };
  });

  at("get", "/videos/:id/metadata", { schema: schemas.videoMetadata }, async (call) => {
    const job = await find(call);
    return metadataOf(await deps.readMedia(job.mediaId, call), recordOf(job).format);
  });

  at("get", "/videos/:id/download", { schema: schemas.downloadVideo }, async (call) => {
    const { format, quality } = queryOf<{ format?: string; quality?: Quality }>(call);
    const job = await find(call);
    const own = recordOf(job).format;
    if (quality !== undefined || (format !== undefined && format !== own)) {
      const { results } = await fileResults(deps, jobs, job, call);
      const rendition = renditionOf(results, format, quality);
      return sendContent(call, await resultContent(deps, rendition.job, rendition.operation, call), deps.log);
    }
    const { store } = deps.tenants.of(call.tenant);
    const named = { fileName: job.fileName || `${job.id}.${own}`, contentType: contentTypeOf(own) };
    return sendContent(call, await originalContent(store, job.mediaId, named, call.signal), deps.log);
  });

  at("delete", "/videos/:id", { schema: schemas.deleteVideo }, async (call) => {
    await removeVideo(deps, await find(call), call);
    return call.reply.code(204).send();
  });
}

function listed(job: Job) {
  const { title, durationSeconds, sizeBytes } = recordOf(job);
  const { submittedAt } = job.batch.status;
  return {
    ...{ id: job.id, title, status: job.standing, duration: durationSeconds, fileSize: sizeBytes },
    createdAt: isoTime(submittedAt && timestampDate(submittedAt)),
  };
}

const isoTime = (time: Date | undefined): string | null => time?.toISOString() ?? null;

const RENDITIONS: readonly string[] = ["mp4", "webm"];

/** The video in this format and quality, by default the best. Throws if no job was to make it. */
function renditionOf(results: readonly FileResult[], format = "mp4", quality?: Quality): FileResult {
  if (format === "hls")
    throw notImplemented("format", "HLS comes with a later release.", "Use format=mp4 or format=webm until then.");
  if (!RENDITIONS.includes(format))
    throw new PolyreelError("not_found", {
      field: "format",
      reason: `The video is not in ${format}.`,
      remedy: "Use format=mp4 or format=webm, or leave it out to get the original.",
    });
  const operations = results.map(({ operation }) => operation);
  const qualities = qualitiesIn(operations, format);
  const wanted = operationFor(operations, format, quality ?? bestOf(qualities));
  const found = results.find(({ operation }) => operation === wanted);
  if (found) return found;
  const named = `${quality ?? ""}${format === "mp4" ? "" : ` ${format}`}`.trim();
  throw new PolyreelError("not_found", {
    field: quality === undefined ? "format" : "quality",
    reason: named === "" ? "The video is not transcoded." : `The video is not transcoded to ${named}.`,
    remedy: `${
      qualities.length > 0 ? `It has ${qualities.join(", ")}.` : `It has no ${format} of another size.`
    } POST /jobs with transcode_${format === "mp4" ? "" : "webm_"}${quality ?? "720p"} makes one of its file.`,
  });
}
