import { PolyreelError } from "../errors.js";
import { TENANTS } from "./stored-keys.js";

/** Segments of letters, digits, `.`, `_` and `-`, none beginning with a dot: on no file system does such a path climb. */
const KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
const MAX_KEY_LENGTH = 512;

export const isKey = (key: string): boolean => key.length <= MAX_KEY_LENGTH && KEY.test(key);

/** Returns a valid key. Throws PolyreelError `invalid` otherwise. */
export function checkedKey(key: string): string {
  if (!isKey(key)) throw notKey(key);
  return key;
}

/** Returns a valid prefix: whole segments and the beginning of another one. Throws PolyreelError `invalid` otherwise. */
export function checkedKeyPrefix(prefix: string): string {
  if (prefix !== "" && !isKey(`${prefix}x`)) throw notKey(prefix);
  return prefix;
}

const notKey = (key: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${JSON.stringify(key.slice(0, 80))} is not a key of the store.`,
    remedy: "Use letters, digits, '.', '_' and '-' in segments separated by '/'.",
  });

const TENANT = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const isTenant = (name: string): boolean => TENANT.test(name);

/** Prefix of a tenant's keys. Throws PolyreelError `invalid` for an invalid name. */
export function tenantPrefix(tenant: string): string {
  if (!isTenant(tenant)) {
    throw new PolyreelError("invalid", {
      field: "tenant",
      reason: `${JSON.stringify(tenant.slice(0, 80))} is not a tenant's name.`,
      remedy: "Use up to 63 lower-case letters, digits and '-', with no '-' at either end.",
    });
  }
  return `${TENANTS}/${tenant}/`;
}
