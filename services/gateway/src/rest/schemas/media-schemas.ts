import { standings } from "../../read-model/named-batches.js";
import { answers, FILE_ID, form, json, maybeNumber, maybeText, object, text } from "./common.js";

const tags = ["media"];

export const postMedia = {
  tags,
  operationId: "uploadMedia",
  summary: "Uploads a file",
  ...form(),
  response: answers({
    201: json("It is stored; the same file again has the same id.", object({ media_id: text, object_key: text })),
  }),
};

export const getArtifacts = {
  tags,
  operationId: "listArtifacts",
  summary: "What jobs made of a file",
  description: "Of the newest 100 jobs.",
  params: object({ media_id: FILE_ID }),
  response: answers({
    200: json(
      "Its artifacts, of the newest job first.",
      object({
        media_id: text,
        artifacts: {
          type: "array",
          items: object({
            job_id: text,
            operation: text,
            status: { type: "string", enum: standings },
            format: text,
            size: maybeNumber,
            object_key: { ...maybeText, description: "Its file, below the folder for outputs." },
            url: { ...maybeText, description: "Where it can be read, once it is completed." },
          }),
        },
      }),
    ),
  }),
};

export const postUpload = {
  tags,
  operationId: "uploadFile",
  summary: "Uploads a file",
  ...form(),
  response: answers({ 201: json("It is stored; the same file again has the same id.", object({ file_id: text })) }),
};
