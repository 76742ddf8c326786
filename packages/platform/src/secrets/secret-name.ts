import { isTenant } from "../blobs/keys.js";

/** Names a secret. Two tenants may have secrets of the same name. */
export interface SecretName {
  /** Whose it is; empty: of all tenants. */
  readonly tenant: string;
  readonly name: string;
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const isSecretName = (name: string): boolean => NAME.test(name);

/** As configuration files spell it: "drive", or "acme/drive" for a tenant's. */
export const secretTitle = ({ tenant, name }: SecretName): string => (tenant === "" ? name : `${tenant}/${name}`);

/** Parses what `secretTitle` makes; undefined if it names no secret. */
export function parseSecretName(text: string): SecretName | undefined {
  const [name = "", tenant, ...more] = text.split("/").reverse();
  if (!isSecretName(name) || more.length > 0) return undefined;
  if (tenant === undefined) return { tenant: "", name };
  return isTenant(tenant) ? { tenant, name } : undefined;
}
