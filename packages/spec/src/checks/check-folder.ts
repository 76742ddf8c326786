/** Below it are the folders of tenants other than the default one. */
const TENANTS = "tenants";

/** File systems may treat "Tenants" as the same name. */
export const isAmongTenants = (path: string): boolean => path.split("/")[0]?.toLowerCase() === TENANTS;

export const amongTenants = {
  reason: `The folder "${TENANTS}" is that of other tenants.`,
  remedy: "Choose another folder.",
};
