import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import {
  DeleteSourceRequestSchema,
  GetSourceRequestSchema,
  ListSourcesRequestSchema,
  type SourceService,
} from "@polyreel/contract";
import { plainSource, plainSourceDetails } from "@polyreel/spec/rows";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CallHandlers } from "../../call/with-calls.js";
import type { RequestCheck } from "../../server/validate.js";
import { callOf, type WebApp } from "../../web/web-app.js";
import type { PutDeps } from "../put-source.js";
import { checkedMessage } from "./checked-message.js";
import { postForm } from "./post-form.js";
import { putFile } from "./put-file.js";
import { queryOf } from "./query.js";

export interface SourceRouteDeps extends PutDeps {
  /** Checks the texts of requests by the contract's rules. */
  readonly check: RequestCheck;
  readonly service: CallHandlers<typeof SourceService>;
}

/** Sources over plain HTTP: `PUT /sources/<file name>`, forms, and the calls of SourceService as JSON. */
export const sourceRoutes = (deps: SourceRouteDeps) => (app: WebApp) => {
  const { service, check } = deps;
  // Bodies are streams, whatever their type.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  const message = <D extends DescMessage>(schema: D, init: MessageInitShape<D>): MessageShape<D> =>
    checkedMessage(check, schema, create(schema, init));

  app.put("/sources", (request, reply) => putFile(deps, request, reply));
  app.put("/sources/*", (request, reply) => putFile(deps, request, reply));
  app.post("/sources", (request, reply) => postForm(deps, request, reply));
  app.post("/sources/", (request, reply) => postForm(deps, request, reply));

  app.get("/sources", async (request, reply) => {
    const query = queryOf(request);
    const listed = await service.listSources(
      message(ListSourcesRequestSchema, {
        tenant: query.one("tenant"),
        labels: query.all("label"),
        orderBy: query.one("orderBy"),
        pageSize: query.number("pageSize"),
        pageToken: query.one("pageToken"),
      }),
      callOf(request, reply),
    );
    const { sources = [], nextPageToken = "" } = listed as { sources?: Parameters<typeof plainSource>[0][] } & {
      nextPageToken?: string;
    };
    return { sources: sources.map(plainSource), nextPageToken };
  });

  const about = (request: FastifyRequest) => ({
    tenant: queryOf(request).one("tenant"),
    sha256: (request.params as { sha256: string }).sha256,
  });
  app.get("/sources/:sha256", async (request, reply) => {
    const withoutProbe = request.method === "HEAD" || queryOf(request).one("probe") === "false";
    const requested = message(GetSourceRequestSchema, { ...about(request), withoutProbe });
    const found = await service.getSource(requested, callOf(request, reply));
    return plainSourceDetails(found as Parameters<typeof plainSourceDetails>[0]);
  });
  app.delete("/sources/:sha256", async (request: FastifyRequest, reply: FastifyReply) => {
    await service.deleteSource(message(DeleteSourceRequestSchema, about(request)), callOf(request, reply));
    return reply.code(204).send();
  });
};
