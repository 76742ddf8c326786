import { folderRequest } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { Destination } from "./destinations/destination.js";
import { folderOfTenant } from "./destinations/tenant-folder.js";

/** Each request checks up to 500 files. */
const AT_ONCE = 4;

/** Answers planners' requests for foreign files in a batch's folder; one of several uploaders answers. */
export const answerFolderRequests = (platform: Platform, destination: Destination): Running =>
  answerRequests(folderRequest, platform, { atOnce: AT_ONCE }, async (request) => {
    const { batchId, tenant, name, folder, fileNames } = request;
    const owner = { tenant: tenant || DEFAULT_TENANT, name };
    const place = { batchId, attempt: 1, owner, overwrite: false, folder: folderOfTenant(tenant, folder) };
    const foreign = await destination.foreign(place, fileNames);
    return { empty: !foreign, foreign: foreign ?? [] };
  });
