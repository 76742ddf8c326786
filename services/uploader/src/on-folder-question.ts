import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FOLDER_SUBJECT, FolderAnswerSchema, FolderQuestionSchema } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { answerCalls } from "@polyreel/platform/stream";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { Destination } from "./destination/destination.js";
import { folderOfTenant } from "./destination/tenant-folder.js";

/** Answers planners which files of a batch's folder it may not write; of several uploaders one answers. */
export function answerFolderQuestions({ stream, log }: Platform, destination: Destination): Running {
  const answer = async (request: Uint8Array): Promise<Uint8Array> => {
    const { batchId, tenant, name, folder, fileNames } = fromBinary(FolderQuestionSchema, request);
    const owner = { tenant: tenant || DEFAULT_TENANT, name };
    const place = { batchId, attempt: 1, owner, overwrite: false, folder: folderOfTenant(tenant, folder) };
    const foreign = await destination.foreign(place, fileNames);
    return toBinary(FolderAnswerSchema, create(FolderAnswerSchema, { empty: !foreign, foreign: foreign ?? [] }));
  };
  return answerCalls({ connection: stream.connection, log }, { subject: FOLDER_SUBJECT, queue: "uploader" }, answer);
}
