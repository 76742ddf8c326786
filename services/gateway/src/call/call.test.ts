import { expect, it } from "vitest";
import { ALL_TENANTS, assertOperator, narrowed, reaches, tenantFor } from "./call.js";
import { identify } from "./identify.js";

const { signal } = new AbortController();
const caller = { kind: "local" } as const;
const denied = expect.objectContaining({ code: "denied" });

it("belongs to the local principal, who can access all tenants, or one by its header", () => {
  expect(identify({ header: null, caller }, signal)).toEqual({
    principal: { kind: "local" },
    scope: { all: true },
    signal,
  });
  expect(identify({ header: "acme", caller }, signal).scope).toEqual({ tenant: "acme" });
});

it.each(["", " ", "Acme", "../acme", "acme, globex", "*", "a".repeat(64)])("refuses the tenant %j", (header) => {
  expect(() => identify({ header, caller }, signal)).toThrow("is not a tenant's name");
});

it("is never widened by fields of a request", () => {
  const scope = { tenant: "acme" };
  expect(narrowed(scope, "", "tenant")).toEqual(scope);
  expect(narrowed(scope, "acme", "tenant")).toEqual(scope);
  expect(() => narrowed(scope, "globex", "tenant")).toThrow(denied);
  expect(narrowed(ALL_TENANTS, "", "tenant")).toEqual(ALL_TENANTS);
  expect(narrowed(ALL_TENANTS, "globex", "tenant")).toEqual({ tenant: "globex" });
  expect([tenantFor(scope, "", "t"), tenantFor(scope, "acme", "t")]).toEqual(["acme", "acme"]);
  expect(() => tenantFor(scope, "globex", "t")).toThrow(denied);
  expect([tenantFor(ALL_TENANTS, "", "t"), tenantFor(ALL_TENANTS, "globex", "t")]).toEqual(["default", "globex"]);
});

it("has no access with an empty tenant, and may operate only with access to all", () => {
  expect([reaches({ tenant: "" }, "acme"), reaches({ tenant: "acme" }, "")]).toEqual([false, false]);
  expect(() => assertOperator(identify({ header: "acme", caller }, signal))).toThrow(denied);
  assertOperator(identify({ header: null, caller }, signal));
});
