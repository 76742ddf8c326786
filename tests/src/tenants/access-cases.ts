import { Role } from "@polyreel/contract";
import { expect } from "vitest";
import { acme, denied, globex, NEVER, operator, refusal } from "./two-tenants.js";

export const accessCases: Record<string, () => Promise<void>> = {
  "polyreel.v1.AccessService/GetCaller": async () => {
    expect([(await acme.access.getCaller({})).tenant, (await operator.access.getCaller({})).tenant]).toEqual([
      "acme",
      "",
    ]);
  },
  "polyreel.v1.AccessService/GetSignInMethods": async () => {
    // The same for everybody, also before they sign in.
    expect(await acme.access.getSignInMethods({})).toEqual(await operator.access.getSignInMethods({}));
  },
  "polyreel.v1.AccessService/CreateKey": async () => {
    expect((await acme.access.createKey({ name: "own", role: Role.VIEWER })).key?.tenant).toBe("acme");
    await denied(() => acme.access.createKey({ name: "foreign", role: Role.VIEWER, tenant: "globex" }));
  },
  "polyreel.v1.AccessService/ListKeys": async () => {
    const { key } = await globex.access.createKey({ name: "theirs", role: Role.VIEWER });
    const listed = async ({ access }: typeof acme) => (await access.listKeys({})).keys.map(({ id }) => id);
    expect([await listed(acme), await listed(operator)]).toEqual([
      expect.not.arrayContaining([key?.id]),
      expect.arrayContaining([key?.id]),
    ]);
    await denied(() => acme.access.listKeys({ tenant: "globex" }));
  },
  "polyreel.v1.AccessService/RevokeKey": async () => {
    const id = (await globex.access.createKey({ name: "theirs", role: Role.VIEWER })).key?.id ?? "";
    const never = await refusal(() => acme.access.revokeKey({ id: NEVER }));
    const { code, message } = await refusal(() => acme.access.revokeKey({ id }));
    expect({ code, message: message.replaceAll(id, NEVER) }).toEqual(never);
    expect((await globex.access.revokeKey({ id })).key?.revokedAt).toBeDefined();
  },
  "polyreel.v1.SecretService/SetSecret": async () => {
    await globex.secrets.setSecret({ name: "drive", value: "theirs" });
    expect((await acme.secrets.setSecret({ name: "drive", value: "own" })).secret).toMatchObject({
      ...{ tenant: "acme", version: 1 },
    });
    await denied(() => acme.secrets.setSecret({ name: "drive", tenant: "globex", value: "own" }));
  },
  "polyreel.v1.SecretService/ListSecrets": async () => {
    await globex.secrets.setSecret({ name: "theirs", value: "x" });
    const listed = async ({ secrets }: typeof acme) => (await secrets.listSecrets({})).secrets.map(({ name }) => name);
    expect([await listed(acme), await listed(operator)]).toEqual([
      expect.not.arrayContaining(["theirs"]),
      expect.arrayContaining(["theirs"]),
    ]);
    await denied(() => acme.secrets.listSecrets({ tenant: "globex" }));
  },
  "polyreel.v1.SecretService/DeleteSecret": async () => {
    await globex.secrets.setSecret({ name: "lonely", value: "x" });
    const never = await refusal(() => acme.secrets.deleteSecret({ name: "neverxx" }));
    const { code, message } = await refusal(() => acme.secrets.deleteSecret({ name: "lonely" }));
    expect({ code, message: message.replaceAll("lonely", "neverxx") }).toEqual(never);
    await denied(() => acme.secrets.deleteSecret({ name: "lonely", tenant: "globex" }));
    await globex.secrets.deleteSecret({ name: "lonely" });
  },
  "polyreel.v1.SecretService/RotateSecrets": async () => {
    await denied(() => acme.secrets.rotateSecrets({}));
    expect(await operator.secrets.rotateSecrets({})).toMatchObject({ rotated: 0, failures: [] });
  },
  "polyreel.v1.AuditService/ListAuditLog": async () => {
    const tenants = async (clients: typeof acme, tenant = "") =>
      new Set((await clients.audit.listAuditLog({ tenant })).entries.map((entry) => entry.tenant));
    expect(await tenants(acme)).toEqual(new Set(["acme"]));
    expect(await tenants(operator, "globex")).toEqual(new Set(["globex"]));
    expect([...(await tenants(operator))]).toEqual(expect.arrayContaining(["acme", "globex"]));
    await denied(() => tenants(acme, "globex"));
  },
};
