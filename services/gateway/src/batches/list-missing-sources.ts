import { create } from "@bufbuild/protobuf";
import {
  type ListMissingSourcesRequest,
  type ListMissingSourcesResponse,
  ListMissingSourcesResponseSchema,
} from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { type Store, scopedStore } from "@polyreel/platform/blobs";
import { isMissing, placeKey, sourcePlaces } from "@polyreel/spec";
import type { Call } from "../call/call.js";
import type { ReadModel } from "../read-model/read-model.js";
import { knownBatch } from "./known-batch.js";
import { foreignToken, pageToken, readPageToken } from "./page-token.js";

const DEFAULT_PAGE_SIZE = 100;

/** A page of the sources that were missing when a batch was submitted. The list never changes, only their bytes. */
export async function listMissingSources(
  { model, store }: { readonly model: ReadModel; readonly store: Store },
  { batchId, pageSize, pageToken: token }: ListMissingSourcesRequest,
  { scope }: Pick<Call, "scope">,
): Promise<ListMissingSourcesResponse> {
  const query = ["missing sources", batchId];
  const start = startOf(readPageToken(token, query));
  const { status, specSha256, submittedSpecSha256 } = await knownBatch(model, batchId, scope);
  const tenantStore = scopedStore(store, status.tenant);
  const submitted = await readSpecification(tenantStore, { batchId, specSha256: submittedSpecSha256 });
  const missing = [...sourcePlaces(submitted)].filter(isMissing);
  const end = start + (pageSize || DEFAULT_PAGE_SIZE);
  const page = missing.slice(start, end);
  const now =
    specSha256 === submittedSpecSha256 ? submitted : await readSpecification(tenantStore, { batchId, specSha256 });
  const present = new Map([...sourcePlaces(now)].map((place) => [placeKey(place), place.source.location]));
  return create(ListMissingSourcesResponseSchema, {
    sources: page.map(({ source, ...place }) => {
      const found = present.get(placeKey(place));
      return {
        ...place,
        name: source.name,
        unreadable: source.location.case === "unreadable" ? source.location.value : "",
        sha256: found?.case === "sha256" ? found.value : "",
      };
    }),
    nextPageToken: end < missing.length ? pageToken(query, [end]) : "",
  });
}

function startOf(place: ReturnType<typeof readPageToken>): number {
  const [start = 0, ...more] = place ?? [];
  if (!Number.isSafeInteger(start) || Number(start) < 0 || more.length > 0) throw foreignToken();
  return Number(start);
}
