import { folderRequest } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { Destination } from "./destination/destination.js";
import { folderOfTenant } from "./destination/tenant-folder.js";

/** Each looks at up to 500 files. */
const AT_ONCE = 4;

/** Answers planners which files of a batch's folder it may not write; of several uploaders one answers. */
export const answerFolderQuestions = (platform: Platform, destination: Destination): Running =>
  answerRequests(folderRequest, platform, { atOnce: AT_ONCE }, async (question) => {
    const { batchId, tenant, name, folder, fileNames } = question;
    const owner = { tenant: tenant || DEFAULT_TENANT, name };
    const place = { batchId, attempt: 1, owner, overwrite: false, folder: folderOfTenant(tenant, folder) };
    const foreign = await destination.foreign(place, fileNames);
    return { empty: !foreign, foreign: foreign ?? [] };
  });
