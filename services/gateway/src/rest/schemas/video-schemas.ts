import { standings } from "../../read-model/named-batches.js";
import { QUALITIES } from "../jobs/qualities.js";
import { answers, file, form, json, maybeNumber, maybeText, maybeTime, object, text, time } from "./common.js";

const tags = ["videos"];
const params = object({ id: { ...text, description: "The id that POST /videos/upload answered." } });
/** "uploading" is never answered: a video is known once its upload is complete. */
const status = { type: "string", enum: ["uploading", ...standings] } as const;

export const uploadVideo = {
  tags,
  operationId: "uploadVideo",
  summary: "Uploads a video, which is processed by the installation's default outputs",
  ...form({
    title: { type: "string", maxLength: 200, description: "The file's name by default." },
    description: { type: "string", maxLength: 1000 },
    metadata: { type: "string", description: 'Your own, as a JSON object of texts and numbers: {"sku": "0047"}.' },
  }),
  response: answers({
    201: json(
      "The upload is complete.",
      object({
        ...{ id: text, filename: text, title: text, status, createdAt: time },
        uploadProgress: { type: "integer" },
        url: { ...text, description: "The original file." },
      }),
    ),
  }),
};

export const listVideos = {
  tags,
  operationId: "listVideos",
  summary: "Videos, newest first",
  querystring: object({
    page: { type: "integer", minimum: 1, maximum: 1_000_000, default: 1 },
    limit: { type: "integer", minimum: 1, maximum: 100, default: 20 },
    status: { ...status, description: "Only those with this status." },
  }),
  response: answers({
    200: json(
      "A page.",
      object({
        data: {
          type: "array",
          items: object({
            ...{ id: text, title: text, status, createdAt: maybeTime },
            ...{ duration: maybeNumber, fileSize: maybeNumber },
          }),
        },
        pagination: object({ page: { type: "integer" }, limit: { type: "integer" }, total: { type: "integer" } }),
      }),
    ),
  }),
};

export const videoStatus = {
  tags,
  operationId: "getVideoStatus",
  summary: "Status, progress and results of a video",
  params,
  response: answers({
    200: json(
      "The video.",
      object({
        ...{ id: text, title: text, status, progress: { type: "integer", minimum: 0, maximum: 100 } },
        processingDetails: object({
          formats: {
            type: "array",
            items: object({
              format: text,
              qualities: { type: "array", items: text },
              status,
              urls: { type: "object", description: "By quality, or by operation.", additionalProperties: text },
            }),
          },
        }),
        ...{ duration: maybeNumber, fileSize: maybeNumber, createdAt: maybeTime, completedAt: maybeTime },
      }),
    ),
  }),
};

export const videoMetadata = {
  tags,
  operationId: "getVideoMetadata",
  summary: "Properties of the original file",
  params,
  response: answers({
    200: json(
      "As found in the file.",
      object({
        duration: { type: "number", description: "In seconds." },
        format: text,
        resolution: { ...maybeText, description: "As displayed: 1280x720." },
        frameRate: maybeNumber,
        bitrate: { ...maybeNumber, description: "Of the whole file, in bits per second." },
        ...{ audioCodec: maybeText, videoCodec: maybeText, fileSize: { type: "number" } },
      }),
    ),
  }),
};

export const deleteVideo = {
  tags,
  operationId: "deleteVideo",
  summary: "Deletes a video and what was made of it",
  params,
  response: answers({ 204: { description: "It is deleted.", type: "null" } }),
};

const FORMATS = ["mp4", "webm", "hls"] as const;

export const downloadVideo = {
  tags,
  operationId: "downloadVideo",
  summary: "The original file, or the video in another quality",
  description:
    "With ranges and conditional requests. Qualities are those that the video was transcoded to, by its upload or by a later job of its file, as MP4 or WebM. HLS answers 501: it comes with a later release.",
  params,
  querystring: object({
    format: { type: "string", enum: [...FORMATS, "mov", "avi", "mkv"], description: "The original's by default." },
    quality: { type: "string", enum: QUALITIES, description: "One that the video was transcoded to." },
  }),
  response: answers(file("The file, in its own type.")),
};
