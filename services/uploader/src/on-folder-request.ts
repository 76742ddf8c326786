import { folderRequest } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import { PolyreelError, type Running } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import { DEFAULT_TENANT, parsePlaced, quote } from "@polyreel/spec";
import type { ConfiguredDestinations } from "./destinations/configured/configured-destinations.js";
import type { Destination } from "./destinations/destination.js";
import { reachDestination } from "./destinations/reach-destination.js";
import { folderOfTenant } from "./destinations/tenant-folder.js";

/** Each request checks up to 500 files. */
const AT_ONCE = 4;

interface Deps {
  readonly destination: Destination;
  readonly configured: ConfiguredDestinations;
}

/** Answers requests for foreign files in a batch's folder; one of several uploaders answers. */
export const answerFolderRequests = (platform: Platform, { destination, configured }: Deps): Running =>
  answerRequests(folderRequest, platform, { atOnce: AT_ONCE }, async (request) => {
    const { batchId, name, folder, type, fileNames } = request;
    const tenant = request.tenant || DEFAULT_TENANT;
    const refusal = await refusalOf({ tenant, folder, type }, configured);
    if (refusal) return { refusal: refusal.failure };
    const place = { batchId, attempt: 1, owner: { tenant, name }, overwrite: false };
    const foreign = await destination.foreign({ ...place, folder: folderOfTenant(tenant, folder) }, fileNames);
    return { empty: !foreign, foreign: foreign ?? [] };
  });

/** Why a configured destination takes no files from a tenant now. `type`: the expected one; empty: any. */
export async function refusalOf(
  { tenant, folder, type }: { readonly tenant: string; readonly folder: string; readonly type: string },
  configured: ConfiguredDestinations,
): Promise<PolyreelError | undefined> {
  const { destination: name, bucket } = parsePlaced(folder);
  if (name === "") return undefined;
  try {
    const found = await configured.find(name, tenant, "invalid");
    if (type !== "" && found.settings.type !== type) return otherType(name, found.settings.type, type);
    return await reachDestination(found, bucket);
  } catch (error) {
    if (error instanceof PolyreelError) return error;
    throw error;
  }
}

const otherType = (name: string, type: string, asked: string): PolyreelError =>
  new PolyreelError("invalid", {
    field: "destination",
    reason: `The destination ${quote(name)} is of the type ${type}, not ${asked}.`,
    remedy: `Write it as \`${type}: {destination: ${name}}\`, or as \`folder: {destination: ${name}}\`, which every type has.`,
  });
