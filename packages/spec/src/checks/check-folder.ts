/** Tenants other than the default one have their folders below it. */
const TENANTS = "tenants";

/** File systems may take "Tenants" for the same name. */
export const isAmongTenants = (path: string): boolean => path.split("/")[0]?.toLowerCase() === TENANTS;

export const amongTenants = {
  reason: `The folder "${TENANTS}" is that of other tenants.`,
  remedy: "Choose another folder.",
};
