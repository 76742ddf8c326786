import { standings } from "../../read-model/named-batches.js";
import { OPERATION_NAMES } from "../jobs/operations.js";
import { answers, FILE_ID, file, json, maybeText, maybeTime, object, text, time } from "./common.js";

const OPERATION = { type: "string", enum: OPERATION_NAMES } as const;
const NEEDS = "Give media_id and operations, or file_id and operation.";

const status = { type: "string", enum: standings } as const;

const params = object({ job_id: { ...text, description: "The id that POST /jobs answered." } });
const tags = ["jobs"];

export const postJob = {
  tags,
  operationId: "createJob",
  summary: "Processes an uploaded file",
  description: `${NEEDS} The operation watermark needs watermark_file_id or watermark_text.`,
  // In this order: a misspelt field is reported as such, not as a missing one.
  body: {
    type: "object",
    allOf: [
      {
        ...object({
          media_id: FILE_ID,
          operations: {
            type: "array",
            minItems: 1,
            maxItems: 16,
            uniqueItems: true,
            items: OPERATION,
            description: "One or several operations.",
          },
          file_id: FILE_ID,
          operation: { ...OPERATION, description: "One operation." },
          watermark_file_id: { ...FILE_ID, description: "An uploaded image, for the operation watermark." },
          watermark_text: { ...text, maxLength: 200, description: "Instead of an image, for the operation watermark." },
        }),
        additionalProperties: false,
      },
      { anyOf: [{ required: ["media_id", "operations"] }, { required: ["file_id", "operation"] }], "x-needs": NEEDS },
    ],
  },
  response: answers({ 202: json("The job was accepted.", object({ job_id: text })) }),
};

export const getJob = {
  tags,
  operationId: "getJob",
  summary: "Status and progress of a job",
  params,
  response: answers({
    200: json(
      "The job.",
      object({
        job_id: text,
        id: text,
        status,
        progress: { type: "integer", minimum: 0, maximum: 100 },
        operations: { type: "array", items: OPERATION },
        media_id: text,
        file_id: text,
        videoId: { ...maybeText, description: "Of a job that processes a video." },
        currentTask: maybeText,
        startedAt: maybeTime,
        completedAt: maybeTime,
        error: { ...maybeText, description: "Why it failed." },
        result_path: { ...maybeText, description: "The first result's file, below the folder for outputs." },
        download_url: { ...maybeText, description: "The first result." },
      }),
    ),
  }),
};

export const downloadResult = {
  tags,
  operationId: "downloadResult",
  summary: "The result of a job",
  description: "With ranges and conditional requests. 409 until it is there.",
  params,
  querystring: object({
    operation: { ...OPERATION, description: "Of a job with several operations. The first one by default." },
  }),
  response: answers(file("The result's file, in its own type.")),
};

export const retryJob = {
  tags,
  operationId: "retryJob",
  summary: "Retries a failed job, at most three times",
  params,
  response: answers({ 200: json("It is tried again.", object({ id: text, status, retriedAt: time })) }),
};
