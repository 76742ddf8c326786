import { create } from "@bufbuild/protobuf";
import {
  type PutSourceRequest,
  SourceOrigin,
  type SourceService,
  type UpdateSourceRequest,
  UpdateSourceResponseSchema,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { OneAtATime } from "../batches/one-at-a-time.js";
import { tenantFor } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import { deleteSource } from "./delete-source.js";
import { type GetDeps, getSource } from "./get-source.js";
import { listSources } from "./list-sources.js";
import { type PutDeps, putKnown, putSource } from "./put-source.js";
import { readRecord, updateRecord } from "./source-record.js";
import { findSource, storedSource } from "./stored-source.js";

export type SourceDeps = PutDeps & GetDeps;

/** polyreel.v1.SourceService: stores files in bounded memory, completely or not at all. */
export function sourceService(deps: SourceDeps): CallHandlers<typeof SourceService> {
  const { store } = deps;
  const updates = new OneAtATime();
  return {
    async putSource(requests, { scope, signal }) {
      const messages = requests[Symbol.asyncIterator]();
      const first = await messages.next();
      if (first.done || first.value.part.case !== "description")
        throw outOfOrder("The first message is no description.");
      const { sha256, sizeBytes, ...texts } = first.value.part.value;
      const put = {
        ...texts,
        ...{ sha256, field: "description.size_bytes", origin: SourceOrigin.CALL, signal },
        tenant: tenantFor(scope, texts.tenant, "description.tenant"),
        ...(sizeBytes > 0n && { sizeBytes }),
      };
      if (await putKnown(deps, put)) return { sha256, known: true };
      await putSource(deps, chunks(messages), put);
      return { sha256, known: false };
    },

    getSource({ sha256, withoutProbe, ...request }, { scope, signal }) {
      return getSource(deps, { tenant: tenantFor(scope, request.tenant, "tenant"), sha256, withoutProbe }, signal);
    },

    listSources(request, { scope, signal }) {
      const tenant = tenantFor(scope, request.tenant, "tenant");
      return listSources({ store: scopedStore(store, tenant), tenant }, request, signal);
    },

    async updateSource(request, { scope, signal }) {
      const { sha256 } = request;
      const tenant = tenantFor(scope, request.tenant, "tenant");
      const own = scopedStore(store, tenant);
      const source = await updates.run(`${tenant}/${sha256}`, async () => {
        const found = await findSource(own, sha256, signal);
        const before = await readRecord(own, sha256, signal);
        const record = await updateRecord(own, sha256, { before, changes: changesOf(request) }, signal);
        return storedSource(tenant, found, record);
      });
      return create(UpdateSourceResponseSchema, { source });
    },

    async deleteSource({ sha256, tenant }, { scope, signal }) {
      await deleteSource(deps, { tenant: tenantFor(scope, tenant, "tenant"), sha256 }, signal);
      return {};
    },
  };
}

const changesOf = ({ title, description, labels }: UpdateSourceRequest) => ({
  ...(title !== undefined && { title }),
  ...(description !== undefined && { description }),
  ...(labels && { labels: labels.labels }),
});

async function* chunks(messages: AsyncIterator<PutSourceRequest>): AsyncGenerator<Uint8Array> {
  for (let next = await messages.next(); !next.done; next = await messages.next()) {
    if (next.value.part.case !== "chunk") throw outOfOrder("A second description came where a chunk was expected.");
    yield next.value.part.value;
  }
}

const outOfOrder = (reason: string) =>
  new PolyreelError("invalid", { field: "part", reason, remedy: "Send the description first, then the file's bytes." });
