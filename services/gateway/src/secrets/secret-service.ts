import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Secret, SecretSchema, type SecretService } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type KeptSecrets, type SecretInfo, type SecretName, secretTitle } from "@polyreel/platform/secrets";
import { nearest } from "@polyreel/spec";
import { assertOperator, narrowed, reaches, type Scope, tenantFor } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";

/** Of one tenant; each is read for every list and rotation. */
const MAX_SECRETS = 100;

/** polyreel.v1.SecretService: secrets of the caller's tenant; of all tenants for operators. No answer has a value. */
export function secretService(secrets: KeptSecrets): CallHandlers<typeof SecretService> {
  return {
    setSecret: async ({ name, tenant, value }, { scope, signal }) => {
      const secret = { name, tenant: ownerOf(scope, tenant) };
      const names = await secrets.names(secret.tenant, { signal });
      if (!names.includes(name) && names.length >= MAX_SECRETS) throw tooMany(secret);
      const info = await secrets.set(secret, value, new Date(), { signal });
      return { secret: secretMessage(info, info.keyId) };
    },
    listSecrets: async ({ tenant }, { scope, signal }) => {
      const own = narrowed(scope, tenant, "tenant");
      const listed = (await secrets.list({ signal })).filter((one) => reaches(own, one.tenant));
      const current = await secrets.encryptingKeyId();
      return { secrets: listed.map((one) => secretMessage(one, current)) };
    },
    deleteSecret: async ({ name, tenant }, { scope, signal }) => {
      const secret = { name, tenant: ownerOf(scope, tenant) };
      if (await secrets.remove(secret, { signal })) return {};
      throw noSuchSecret(secret, await secrets.names(secret.tenant, { signal }));
    },
    rotateSecrets: async (_, call) => {
      assertOperator(call);
      const { rotated, failed } = await secrets.rotate({ signal: call.signal });
      const failures = failed.map(({ secret, error: { failure } }) => ({
        ...secret,
        ...{ reason: failure.reason, remedy: failure.remedy },
      }));
      return { rotated: rotated.length, failures };
    },
  };
}

/** Whose secret a request means: an operator's names one of all tenants unless it names a tenant. */
const ownerOf = (scope: Scope, tenant: string): string =>
  "all" in scope ? tenant : tenantFor(scope, tenant, "tenant");

/** `current`: id of the first master key; undefined: there is none. */
const secretMessage = ({ name, tenant, version, setAt, keyId }: SecretInfo, current: string | undefined): Secret =>
  create(SecretSchema, {
    ...{ name, tenant, version, keyId },
    ...(version > 0 && { setAt: timestampFromDate(setAt) }),
    needsRotation: keyId !== current,
  });

const noSuchSecret = (secret: SecretName, names: readonly string[]): PolyreelError => {
  const near = nearest(secret.name, names);
  return new PolyreelError("not_found", {
    field: "name",
    reason: `There is no secret ${JSON.stringify(secretTitle(secret))}.`,
    remedy: near ? `Did you mean ${JSON.stringify(near)}?` : "polyreel secrets list shows them.",
  });
};

const tooMany = ({ tenant }: SecretName): PolyreelError =>
  new PolyreelError("exhausted", {
    field: "name",
    reason: `${tenant === "" ? "The installation" : `Tenant ${JSON.stringify(tenant)}`} has ${MAX_SECRETS} secrets already.`,
    remedy: "Delete some that nothing needs.",
  });
