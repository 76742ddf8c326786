import { create } from "@bufbuild/protobuf";
import { durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type AccessService, type CreateKeyRequest, type Key, KeySchema, Role } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type Call, narrowed, reaches, tenantFor } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import type { Provider } from "../oidc/provider/provider.js";
import { signInProvider } from "../oidc/sign-in-provider.js";
import { makeApiKey } from "./api-key.js";
import { rightsOf } from "./callers.js";
import { type KeptKeys, keyRecord } from "./kept-keys.js";
import type { KeyScheme } from "./key-scheme.js";
import { roleName } from "./roles.js";

interface Deps {
  readonly keys: KeptKeys;
  /** Undefined: the gateway asks for no keys. */
  readonly keyScheme: KeyScheme | undefined;
  readonly providers: readonly Provider[];
}

/** polyreel.v1.AccessService: keys of the caller's tenant; of all tenants for operators. */
export function accessService({ keys, keyScheme, providers }: Deps): CallHandlers<typeof AccessService> {
  return {
    getCaller: async (_, { principal, scope }) => {
      const tenant = "all" in scope ? "" : scope.tenant;
      return {
        ...{ role: rightsOf(principal).role, tenant },
        ...(principal.kind === "key" && { key: principal.key }),
        ...(principal.kind === "user" && { email: principal.user.name, sessionId: principal.user.session }),
      };
    },
    getSignInMethods: async () => {
      const required = keyScheme !== undefined;
      return { required, passwords: required, providers: providers.map(({ settings }) => signInProvider(settings)) };
    },
    createKey: async (request, call) => {
      const key = newKey(request, call);
      const { id, secretSha256, text } = makeApiKey();
      const named = { ...key, id };
      await keys.put(keyRecord(named, secretSha256));
      return { key: named, secret: text };
    },
    listKeys: async ({ tenant }, { scope, signal }) => {
      const own = narrowed(scope, tenant, "tenant");
      return { keys: (await keys.list(signal)).filter((key) => reaches(own, key.tenant)) };
    },
    revokeKey: async ({ id }, { scope, signal }) => {
      const found = (await keys.get(id, signal))?.key;
      if (!found || !reaches(scope, found.tenant)) throw noSuchKey(id);
      await keys.revoke(id);
      keyScheme?.forget(id);
      return { key: (await keys.get(id, signal))?.key ?? found };
    },
  };
}

/** Nobody gives more than it has: neither a higher role nor another tenant. */
function newKey({ name, role, tenant, lifetime }: CreateKeyRequest, { principal, scope }: Call): Key {
  const own = rightsOf(principal).role;
  if (role > own) {
    throw new PolyreelError("denied", {
      field: "role",
      reason: `The caller has the role ${roleName(own)}, and cannot make a key with the role ${roleName(role)}.`,
      remedy: "Ask an operator for it.",
    });
  }
  if (role === Role.OPERATOR && tenant !== "") {
    throw new PolyreelError("invalid", {
      field: "tenant",
      reason: "An operator's key reaches all tenants, and belongs to none.",
      remedy: 'Leave the tenant out, or choose another role, such as "admin".',
    });
  }
  const now = Date.now();
  return create(KeySchema, {
    ...{ name, role },
    tenant: role === Role.OPERATOR ? "" : tenantFor(scope, tenant, "tenant"),
    createdAt: timestampFromMs(now),
    ...(lifetime && { expiresAt: timestampFromMs(now + durationMs(lifetime)) }),
  });
}

const noSuchKey = (id: string): PolyreelError =>
  new PolyreelError("not_found", {
    field: "id",
    reason: `There is no key with the id ${JSON.stringify(id.slice(0, 40))}.`,
    remedy: "polyreel keys list shows them.",
  });
