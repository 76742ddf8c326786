import { type Batch, DEFAULT_TENANT, type Mistake } from "@polyreel/contract";

/** Tenants other than the default one have their folders below it. */
const TENANTS = "tenants";

/** What is wrong with the folder of a normalised batch. */
export function checkFolder({ tenant, name, outputs }: Batch): Mistake[] {
  return outputs.flatMap(({ destination }, i) => {
    if (destination?.kind.case !== "folder") return [];
    const field = `outputs[${i}].destination.folder`;
    const { path, prune } = destination.kind.value;
    const mistakes: Mistake[] = [];
    if (tenant === DEFAULT_TENANT && isAmongTenants(path)) mistakes.push({ field: `${field}.path`, ...amongTenants });
    if (prune && name === "") {
      mistakes.push({
        field: `${field}.prune`,
        reason:
          "Only a batch with a name can prune: files that it has no more are those of earlier batches of its name.",
        remedy: "Give the batch a name, or leave prune out.",
      });
    }
    return mistakes;
  });
}

/** File systems may take "Tenants" for the same name. */
export const isAmongTenants = (path: string): boolean => path.split("/")[0]?.toLowerCase() === TENANTS;

export const amongTenants = {
  reason: `The folder "${TENANTS}" is that of other tenants.`,
  remedy: "Choose another folder.",
};
