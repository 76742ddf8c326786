import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accessCases } from "./tenants/access-cases.js";
import { batchesCases } from "./tenants/batches-cases.js";
import { peopleCases } from "./tenants/people-cases.js";
import { serverCases } from "./tenants/server-cases.js";
import { sourcesCases } from "./tenants/sources-cases.js";
import {
  clientsOf,
  closeTwoTenants,
  foreign,
  HEADER,
  NEVER,
  own,
  pipeline,
  refusal,
  startTwoTenants,
} from "./tenants/two-tenants.js";
import type { Ended } from "./testing/batches.js";
import { reflectedMethods } from "./testing/reflected-methods.js";

beforeAll(startTwoTenants);
afterAll(closeTwoTenants);

const CASES = { ...batchesCases, ...sourcesCases, ...accessCases, ...peopleCases, ...serverCases };

it("has a case for every method of every service", async () => {
  expect(Object.keys(CASES).sort()).toEqual(await reflectedMethods(pipeline.url));
});

it.each(Object.entries(CASES))("%s accesses one tenant's data, and an operator's all", (_, holds) => holds());

it("serves outputs to their tenant and to operators, and reports them as unknown to others", async () => {
  const path = (ended: Ended) => ended.combinations[0]?.urlPath ?? "";
  const get = async (url: string, tenant?: string, method = "GET") => {
    const answer = await fetch(pipeline.url + url, {
      method,
      ...(tenant !== undefined && { headers: { [HEADER]: tenant } }),
    });
    // Without the binary form of the failure, which has the id in base64.
    const body = Buffer.from(await answer.arrayBuffer())
      .toString("latin1")
      .replace(/"value":"[^"]*"/g, "");
    return { status: answer.status, body };
  };
  expect((await get(path(foreign), "globex")).status).toBe(200);
  expect((await get(path(foreign))).status).toBe(200);
  for (const method of ["GET", "HEAD"]) {
    const never = await get(path(foreign).replace(foreign.batchId, NEVER), "acme", method);
    const { status, body } = await get(path(foreign), "acme", method);
    expect({ status, body: body.replaceAll(foreign.batchId, NEVER) }).toEqual(never);
    expect(status).toBe(404);
  }
  expect((await get(path(own), "acme")).status).toBe(200);
  expect((await get(path(own), "")).status).toBe(400);
});

it("gives an empty tenant access to nothing", async () => {
  const withoutAccess = clientsOf(pipeline.url, "");
  expect((await refusal(() => withoutAccess.batches.listBatches({}))).code).toBe(Code.InvalidArgument);
  expect((await refusal(() => withoutAccess.admin.rebuildReadModel({}))).code).toBe(Code.InvalidArgument);
});
